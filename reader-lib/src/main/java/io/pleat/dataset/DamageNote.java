package io.pleat.dataset;

import static io.pleat.format.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonGenerator;
import io.pleat.format.ContainerId;
import io.pleat.format.LogicalPath;
import io.pleat.store.FileInfo;
import io.pleat.store.ListingVisitor;
import io.pleat.store.Store;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Says, for people and for the runs to come, that a container is damaged. No reader needs it: a container is as damaged without its note.
 *
 * @param state what was done about it
 * @param files how many files it costs; 0 where that is not known
 * @param sample what is wrong, a line for each of the first ones
 */
public record DamageNote(
    ContainerId container, UUID runId, Instant at, State state, long files, List<String> sample) {
  private static final String FORMAT = "pleat-damage";
  private static final int VERSION_ONE = 1;
  private static final String SUFFIX = ".json";

  /** Lines of a note at most. */
  public static final int MAX_SAMPLE = 100;

  /** What was done about the damage. */
  public enum State {
    /** Nothing: what is damaged is live still. */
    FOUND("found"),
    /** It is no part of the dataset any more; the container's file is kept. */
    SET_ASIDE("set-aside");

    private final String text;

    State(String text) {
      this.text = text;
    }
  }

  public DamageNote {
    requireNonNull(container, "container is null");
    requireNonNull(runId, "run id is null");
    requireNonNull(at, "instant is null");
    requireNonNull(state, "state is null");
    checkArgument(files >= 0, "negative number of files: %s", files);
    sample = List.copyOf(sample.subList(0, Math.min(sample.size(), MAX_SAMPLE)));
  }

  /** Writes the note, durable. Of one container and state there is one: the first stays. */
  public void write(Store dataset) throws IOException {
    byte[] content = SealedJson.write(this::writeMembers);
    try {
      dataset.createExclusively(DatasetLayout.damageNote(container, state.text), content);
    } catch (FileAlreadyExistsException e) {
      return; // It says as much.
    }
  }

  private void writeMembers(JsonGenerator json) throws IOException {
    json.writeStringField("format", FORMAT);
    json.writeNumberField("formatVersion", VERSION_ONE);
    json.writeStringField("container", container.toString());
    json.writeStringField("state", state.text);
    json.writeStringField("runId", runId.toString());
    json.writeStringField("at", at.toString());
    json.writeNumberField("files", files);
    json.writeArrayFieldStart("sample");
    for (String line : sample) {
      json.writeString(line);
    }
    json.writeEndArray();
  }

  /** Removes the notes of a container, for one that was mended or has left the dataset. */
  public static void clear(Store dataset, ContainerId container) throws IOException {
    for (State state : State.values()) {
      dataset.delete(DatasetLayout.damageNote(container, state.text));
    }
  }

  /** The containers that have a note of this state. */
  public static Set<ContainerId> containers(Store dataset, State state) throws IOException {
    Set<ContainerId> noted = new HashSet<>();
    String ending = "-" + state.text + SUFFIX;
    try {
      dataset.list(LogicalPath.of(DatasetLayout.DAMAGE_DIRECTORY), new ListingVisitor() {
        @Override
        public void visit(FileInfo file) {
          String name = file.path().name();
          if (name.endsWith(ending)) {
            try {
              noted.add(ContainerId.parse(name.substring(0, name.length() - ending.length())));
            } catch (IllegalArgumentException e) {
              return; // Not ours.
            }
          }
        }

        @Override
        public void unlistable(LogicalPath directory, String displayName, String reason) {}
      });
    } catch (NoSuchFileException e) {
      return noted;
    }
    return noted;
  }
}
