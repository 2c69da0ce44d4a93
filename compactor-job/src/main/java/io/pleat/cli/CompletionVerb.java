package io.pleat.cli;

import java.io.IOException;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(
    name = "completion",
    header = "Prints what completes verbs and options in bash and zsh.",
    description = {
      "Prints a script that teaches a shell to complete 'pleat', its verbs and their options. Once: source <(pleat completion). "
          + "For good, in bash: pleat completion > ~/.local/share/bash-completion/completions/pleat",
      "zsh wants 'autoload -U +X bashcompinit && bashcompinit' before."
    })
final class CompletionVerb extends Verb {
  @Override
  int run() throws IOException {
    CommandLine line = Main.allVerbs(out(), messages());
    out().print(AutoComplete.bash("pleat", line));
    return DONE;
  }
}
