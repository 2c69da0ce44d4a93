package io.pleat.torture;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * Starts processes of {@link TortureWorker}. They start and die all the time, and most of what a Java process does in its first seconds is to load classes: a
 * first one, the rehearsal, does every operation and ends in good order, and leaves an archive of its classes that the others map.
 */
final class WorkerLauncher {
  private static final int THREADS = 2;
  private static final int REHEARSAL_MINUTES = 10;

  /** Jars that take a third of a process's start, to write warnings; Spark does not start without. */
  private static final List<String> LOGGING = List.of("log4j-core", "log4j-slf4j");

  private final Path work;
  private final Path settingsFile;
  private final boolean onSpark;
  private final String classPath;
  private final Path archive;
  private int journals;

  /** @param work an empty folder for journals, the log and copies of classes */
  WorkerLauncher(TortureSettings settings, Path work) throws IOException {
    this.work = work;
    this.onSpark = settings.onSpark();
    this.settingsFile = work.resolve("settings");
    settings.save(settingsFile);
    this.archive = work.resolve("classes.jsa");
    this.classPath = jarred(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
        Files.createDirectory(work.resolve("classes")),
        onSpark ? List.of() : LOGGING);
  }

  /** Starts one that does every operation twice and ends; waits for that. */
  WorkerProcess rehearse(long seed) throws IOException, InterruptedException {
    WorkerProcess worker = start(seed, 0, "-XX:ArchiveClassesAtExit=" + archive);
    worker.go();
    if (!worker.endsWithin(REHEARSAL_MINUTES, TimeUnit.MINUTES)) {
      worker.kill();
      throw new IOException("the rehearsal does not end, or failed: see " + log());
    }
    return worker;
  }

  /** Starts one that waits for {@link WorkerProcess#go}. */
  WorkerProcess start(long seed) throws IOException {
    return Files.exists(archive)
        ? start(seed, THREADS, "-XX:SharedArchiveFile=" + archive)
        : start(seed, THREADS);
  }

  /** What the processes print. */
  Path log() {
    return work.resolve("log");
  }

  private WorkerProcess start(long seed, int threads, String... flags) throws IOException {
    Path journal = work.resolve("journal-" + journals++);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Nothing that one of them compiles well would ever pay. An archive that is mapped where it was
    // made for need not be patched.
    command.addAll(List.of(
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-XX:+UnlockDiagnosticVMOptions",
        "-XX:ArchiveRelocationMode=0",
        "-Xlog:cds=off",
        "-Dslf4j.internal.verbosity=ERROR"));
    command.addAll(List.of(flags));
    command.add(onSpark ? "-Xmx700m" : "-Xmx256m");
    command.add("-Dtorture.slower=" + Integer.getInteger("torture.slower", 1));
    if (onSpark) {
      ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
          .filter(argument -> argument.startsWith("--add-opens"))
          .forEach(command::add);
    }
    command.addAll(List.of("-cp", classPath, TortureWorker.class.getName()));
    command.addAll(List.of(
        settingsFile.toString(),
        journal.toString(),
        Long.toString(seed),
        Integer.toString(threads)));
    return new WorkerProcess(
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .redirectError(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start(),
        journal);
  }

  /** The same class path with jars in place of folders, from which no class could be archived, and without some jars. */
  private static String jarred(String classPath, Path folder, List<String> without)
      throws IOException {
    List<String> entries = new ArrayList<>();
    for (String entry : classPath.split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (Files.isDirectory(path)) {
        path = jar(path, folder.resolve(entries.size() + ".jar"));
      }
      String name = path.getFileName().toString();
      if (Files.exists(path) && without.stream().noneMatch(name::startsWith)) {
        entries.add(path.toString());
      }
    }
    return String.join(File.pathSeparator, entries);
  }

  private static Path jar(Path folder, Path jar) throws IOException {
    try (Stream<Path> all = Files.walk(folder);
        OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file)) {
      for (Path path : all.filter(Files::isRegularFile).sorted().toList()) {
        out.putNextEntry(new JarEntry(folder.relativize(path).toString()));
        Files.copy(path, out);
        out.closeEntry();
      }
    }
    return jar;
  }
}
