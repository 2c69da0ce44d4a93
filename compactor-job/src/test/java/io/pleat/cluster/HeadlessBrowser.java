package io.pleat.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A Chromium without a window that shows one page, driven by its own DevTools protocol. What the page complains of is kept: console errors, exceptions,
 * refused loads, and every request.
 */
final class HeadlessBrowser implements AutoCloseable {
  private static final long LIMIT_SECONDS = 60;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final Path folder;
  private final WebSocket socket;
  private final BlockingQueue<JsonNode> received = new LinkedBlockingQueue<>();
  private final List<String> complaints = new ArrayList<>();
  private final List<String> requests = new ArrayList<>();
  private final List<String> events = new ArrayList<>();
  private int calls;
  private String session = "";

  private HeadlessBrowser(Process process, Path folder, URI address) {
    this.process = process;
    this.folder = folder;
    this.socket = HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .buildAsync(address, new Receiver())
        .join();
  }

  /** Where Chromium is, if it is installed. */
  static Optional<Path> installed() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Stream.of("chromium", "chromium-browser", "google-chrome")
        .flatMap(name -> Stream.of(path.split(":")).map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Starts one with an empty page, that keeps what it writes in {@code folder}. */
  static HeadlessBrowser start(Path chromium, Path folder) throws IOException {
    Process process = new ProcessBuilder(List.of(
            chromium.toString(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--remote-debugging-port=0",
            "--user-data-dir=" + folder,
            "about:blank"))
        .redirectInput(Path.of("/dev/null").toFile())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("chromium.log").toFile())
        .start();
    HeadlessBrowser browser;
    try {
      browser = new HeadlessBrowser(process, folder, address(process, folder));
    } catch (IOException | RuntimeException e) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw e;
    }
    browser.attach();
    return browser;
  }

  /** Chromium writes its port and path into a file of its folder. */
  private static URI address(Process process, Path folder) throws IOException {
    Path port = folder.resolve("DevToolsActivePort");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (System.nanoTime() < end && process.isAlive()) {
      List<String> lines = Files.exists(port) ? Files.readAllLines(port) : List.of();
      if (lines.size() == 2) {
        return URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1));
      }
      Thread.onSpinWait();
    }
    throw new IOException(
        "Chromium does not start:\n" + Files.readString(folder.resolve("chromium.log")));
  }

  private void attach() throws IOException {
    String target = call("Target.createTarget", Map.of("url", "about:blank"))
        .get("targetId")
        .asText();
    session = call("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
        .get("sessionId")
        .asText();
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      call(domain + ".enable", Map.of());
    }
  }

  /** Sends one command and waits for what it gives. */
  JsonNode call(String method, Map<String, ?> parameters) throws IOException {
    int id = ++calls;
    ObjectNode message = JSON.createObjectNode();
    message.put("id", id).put("method", method);
    message.set("params", JSON.valueToTree(parameters));
    if (!session.isEmpty()) {
      message.put("sessionId", session);
    }
    socket.sendText(message.toString(), true).join();
    while (true) {
      JsonNode next = next(method);
      if (next.path("id").asInt() == id) {
        if (next.has("error")) {
          throw new IOException(method + ": " + next.get("error"));
        }
        return next.get("result");
      }
    }
  }

  private JsonNode next(String awaited) throws IOException {
    try {
      JsonNode next = received.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
      if (next == null) {
        throw new IOException("no answer to " + awaited);
      }
      note(next);
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + awaited, e);
    }
  }

  private void note(JsonNode message) {
    JsonNode parameters = message.path("params");
    String method = message.path("method").asText();
    events.add(method);
    switch (method) {
      case "Runtime.exceptionThrown" ->
        complaints.add(parameters.path("exceptionDetails").toString());
      case "Runtime.consoleAPICalled" -> complaints.add(parameters.path("args").toString());
      case "Log.entryAdded" -> complaints.add(parameters.path("entry").toString());
      case "Network.requestWillBeSent" ->
        requests.add(parameters.path("request").path("url").asText());
      default -> {}
    }
  }

  /** Shows a page, until it and what it loads are there. */
  void open(String url) throws IOException {
    events.clear();
    call("Page.navigate", Map.of("url", url));
    while (!events.contains("Page.loadEventFired")) {
      next("the end of loading " + url);
    }
  }

  /** What a JavaScript expression gives in the page. */
  JsonNode evaluate(String expression) throws IOException {
    JsonNode result = call(
        "Runtime.evaluate",
        Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
    if (result.has("exceptionDetails")) {
      throw new IOException(expression + ": " + result.get("exceptionDetails"));
    }
    return result.get("result").path("value");
  }

  /** Makes the page so many CSS pixels wide and high. */
  void resize(int width, int height) throws IOException {
    call(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
  }

  /** Makes the user prefer {@code light} or {@code dark}. */
  void preferColors(String scheme) throws IOException {
    call(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  /** The page as it is seen, in PNG. */
  byte[] screenshot() throws IOException {
    return Base64.getDecoder()
        .decode(
            call("Page.captureScreenshot", Map.of("format", "png")).get("data").asText());
  }

  /** What the page complained of. */
  List<String> complaints() {
    return List.copyOf(complaints);
  }

  /** URLs that were asked for. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  @Override
  public void close() throws IOException {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    process.onExit().join();
    try (Stream<Path> files = Files.list(folder)) {
      // JUnit warns of every link that it finds in a temporary folder.
      for (Path link : (Iterable<Path>) files.filter(Files::isSymbolicLink)::iterator) {
        Files.delete(link);
      }
    }
  }

  private final class Receiver implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        try {
          received.add(JSON.readTree(text.toString()));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        } finally {
          text.setLength(0);
        }
      }
      from.request(1);
      return null;
    }
  }
}
