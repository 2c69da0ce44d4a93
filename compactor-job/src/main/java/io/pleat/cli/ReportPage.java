package io.pleat.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.maintain.Survey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Makes the report's page: one HTML document that needs nothing else. Its content security policy lets the browser run the two scripts that are in it,
 * and load nothing.
 */
final class ReportPage {
  /** The chart library, which Maven brings as a web jar. */
  private static final String LIBRARY = "chart.js";

  private static final String LIBRARY_FILE = "dist/chart.umd.js";

  private final StringBuilder page = new StringBuilder(1 << 19);

  private ReportPage() {}

  /** The page in UTF-8. */
  static byte[] of(Survey survey, Instant made) throws IOException {
    ReportPage page = new ReportPage();
    page.write(survey, new ReportContent(survey), made);
    return page.page.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void write(Survey survey, ReportContent content, Instant made) throws IOException {
    String library = library();
    String script = resource("report.js");
    String style = resource("report.css");
    String title = "Pleat: " + survey.location();
    List<ReportSection> sections = content.sections();
    raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    raw(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; form-action 'none'; style-src "
            + hash(style) + "; script-src " + hash(library) + " " + hash(script) + "\">\n");
    raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    raw("<title>").text(title).raw("</title>\n<style>").raw(style).raw("</style>\n</head>\n");
    raw("<body>\n<header>\n<h1>").text(survey.location()).raw("</h1>\n<p>");
    text(content.subtitle(made.truncatedTo(ChronoUnit.SECONDS))).raw("</p>\n</header>\n<main>\n");
    writeGaps(survey.gaps());
    raw("<dl class=\"figures\">\n");
    for (Map.Entry<String, String> figure : content.figures().entrySet()) {
      raw("<div><dt>").text(figure.getKey()).raw("</dt><dd>").text(figure.getValue());
      raw("</dd></div>\n");
    }
    raw("</dl>\n");
    for (ReportSection section : sections) {
      write(section);
    }
    raw("</main>\n<footer><p>").text("Made by pleat " + Version.text()).raw("</p></footer>\n");
    raw("<script type=\"application/json\" id=\"charts\">").raw(json(sections)).raw("</script>\n");
    raw("<script>").raw(library).raw("</script>\n<script>").raw(script).raw("</script>\n");
    raw("</body>\n</html>\n");
  }

  private void writeGaps(List<String> gaps) {
    if (gaps.isEmpty()) {
      return;
    }
    raw("<section id=\"gaps\" aria-labelledby=\"title-gaps\">\n");
    raw("<h2 id=\"title-gaps\">Not all could be read</h2>\n<ul>\n");
    gaps.forEach(gap -> raw("<li>").text(gap).raw("</li>\n"));
    raw("</ul>\n</section>\n");
  }

  private void write(ReportSection section) {
    String id = section.id();
    raw("<section aria-labelledby=\"title-" + id + "\">\n<h2 id=\"title-" + id + "\">");
    text(section.title()).raw("</h2>\n<p id=\"text-" + id + "\">").text(section.text());
    raw("</p>\n<div class=\"beside\">\n");
    if (section.chart().isPresent()) {
      boolean tall = section.chart().get().labels().size() > 12;
      raw(tall ? "<div class=\"chart tall\">" : "<div class=\"chart\">");
      raw("<canvas id=\"chart-" + id
          + "\" role=\"img\" aria-labelledby=\"title-" + id + "\" aria-describedby=\"text-" + id
          + "\"></canvas></div>\n");
    }
    if (!section.rows().isEmpty()) {
      raw("<div class=\"rows\" tabindex=\"0\" role=\"region\" aria-label=\"Table: ");
      text(section.title()).raw("\">\n<table>\n<thead><tr>");
      section.head().forEach(cell -> raw("<th scope=\"col\">").text(cell).raw("</th>"));
      raw("</tr></thead>\n<tbody>\n");
      for (List<String> row : section.rows()) {
        raw("<tr>");
        for (int i = 0; i < row.size(); i++) {
          raw(i == 0 ? "<th scope=\"row\">" : "<td>").text(row.get(i));
          raw(i == 0 ? "</th>" : "</td>");
        }
        raw("</tr>\n");
      }
      raw("</tbody>\n</table>\n</div>\n");
    }
    raw("</div>\n</section>\n");
  }

  /** The charts as JSON in which nothing can end the script element. */
  private static String json(List<ReportSection> sections) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = Json.lines(bytes)) {
      json.writeStartArray();
      for (ReportSection section : sections) {
        if (section.chart().isPresent()) {
          section.chart().get().writeJson(json, section.id());
        }
      }
      json.writeEndArray();
    }
    return bytes
        .toString(StandardCharsets.UTF_8)
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026");
  }

  private ReportPage raw(String markup) {
    page.append(markup);
    return this;
  }

  /** Adds text of any origin: what a browser or a reader could take for something else is escaped. */
  private ReportPage text(String text) {
    String plain = EscapedName.inMessage(text);
    for (int i = 0; i < plain.length(); i++) {
      char c = plain.charAt(i);
      switch (c) {
        case '<' -> page.append("&lt;");
        case '>' -> page.append("&gt;");
        case '&' -> page.append("&amp;");
        case '"' -> page.append("&quot;");
        case '\'' -> page.append("&#39;");
        default -> page.append(c);
      }
    }
    return this;
  }

  private static String library() throws IOException {
    Properties properties = new Properties();
    try (InputStream in = open("/META-INF/maven/org.webjars.npm/" + LIBRARY + "/pom.properties")) {
      properties.load(in);
    }
    String file = "/META-INF/resources/webjars/" + LIBRARY + "/" + properties.getProperty("version")
        + "/" + LIBRARY_FILE;
    try (InputStream in = open(file)) {
      String source = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      // Its last line names a file that is not there.
      return source.replaceAll("\\n//# sourceMappingURL=\\S*\\s*$", "\n");
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = open(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static InputStream open(String name) throws IOException {
    InputStream in = ReportPage.class.getResourceAsStream(name);
    if (in == null) {
      throw new IOException(name + " is not in pleat's jar: build it again");
    }
    return in;
  }

  private static String hash(String content) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
