package io.pleat.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.pleat.cli.CommandRun;
import io.pleat.maintain.LivingTree;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page of {@code pleat report} in a real Chromium, where one is installed (Debian: {@code apt-get install chromium}). */
@Tag("slow")
@Timeout(300)
final class ITReportPage {
  /** How many pixels of each chart are not transparent, as the canvas itself tells. */
  private static final String DRAWN = """
      [...document.querySelectorAll('canvas')].map(canvas => {
        const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let drawn = 0;
        for (let i = 3; i < data.length; i += 4) {
          drawn += data[i] > 0 ? 1 : 0;
        }
        return {id: canvas.id, drawn, colors: new Set(new Uint32Array(data.buffer)).size};
      })
      """;

  @TempDir
  private static Path folder;

  private static HeadlessBrowser browser;
  private static String page;

  @BeforeAll
  static void makeReport() throws IOException {
    Optional<Path> chromium = HeadlessBrowser.installed();
    assumeThat(chromium)
        .as("Chromium on the PATH; Debian: apt-get install chromium")
        .isPresent();
    LivingTree tree = new LivingTree(Files.createDirectory(folder.resolve("tree")));
    for (int i = 0; i < 60; i++) {
      tree.write("images/class-" + i % 7 + "/" + i, "x".repeat(13 * i));
    }
    tree.write("<script>alert(1)</script>/a", "one");
    tree.write("<img src=x onerror=alert(2)>/b", "two");
    tree.write("large", "x".repeat(5000));
    tree.fold();
    tree.write("images/class-1/new", "later");
    tree.fold();
    assertThat(CommandRun.of("rm", "-r", tree.dataset(), "images/class-3").code())
        .isZero();
    Path file = folder.resolve("report.html");
    CommandRun run = CommandRun.of("report", tree.dataset(), "-o", file.toString());
    assertThat(run.code()).as(run.err()).isZero();
    page = file.toUri().toString();
    browser = HeadlessBrowser.start(
        chromium.orElseThrow(), Files.createDirectory(folder.resolve("profile")));
  }

  @AfterAll
  static void closeBrowser() throws IOException {
    if (browser != null) {
      browser.close();
    }
  }

  @Test
  void everyChartIsDrawnWithoutAWordOfComplaintAndWithoutTheNetwork() throws IOException {
    browser.resize(1200, 900);
    browser.preferColors("light");
    browser.open(page);
    JsonNode charts = browser.evaluate(DRAWN);
    assertThat(charts).hasSize(13);
    for (JsonNode chart : charts) {
      assertThat(chart.get("drawn").asInt()).as(chart.toString()).isGreaterThan(2000);
      assertThat(chart.get("colors").asInt()).as(chart.toString()).isGreaterThan(10);
    }
    assertThat(browser.complaints()).isEmpty();
    assertThat(browser.requests()).isNotEmpty().containsOnly(page);
    assertThat(browser
            .evaluate("document.querySelectorAll('img, body script[src], iframe').length")
            .asInt())
        .isZero();
    assertThat(browser.evaluate("document.body.innerText").asText())
        .contains("<script>alert(1)</script>")
        .contains("<img src=x onerror=alert(2)>");
  }

  @Test
  void itFitsAPhone() throws IOException {
    browser.resize(360, 740);
    browser.open(page);
    assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt()).isEqualTo(360);
    assertThat(browser
            .evaluate(
                "Math.max(...[...document.querySelectorAll('canvas')].map(c => c.clientWidth))")
            .asInt())
        .isBetween(250, 360);
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void darkIsDarkAlsoWhenItComesWhileThePageIsOpen() throws IOException {
    browser.resize(800, 600);
    browser.preferColors("light");
    browser.open(page);
    assertThat(brightness()).isGreaterThan(200);
    String light = tickColor();
    browser.preferColors("dark");
    assertThat(brightness()).isLessThan(60);
    assertThat(tickColor()).isNotEqualTo(light);
    assertThat(browser.complaints()).isEmpty();
  }

  private static String tickColor() throws IOException {
    return browser
        .evaluate("Chart.getChart('chart-objects').options.scales.y.ticks.color")
        .asText();
  }

  /** Mean of the red of all pixels: 0 to 255. */
  private static double brightness() throws IOException {
    var image = ImageIO.read(new ByteArrayInputStream(browser.screenshot()));
    double sum = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        sum += image.getRGB(x, y) >> 16 & 0xff;
      }
    }
    return sum / (image.getHeight() * (double) image.getWidth());
  }
}
