/// The command line: which word starts what.
///
/// Each command lies in the package of what it does and is a `static int run(List<String> args)`
/// that tells a person what is wrong in one sentence and answers the process's exit code: 0 done, 1
/// refused or failed, 2 called wrongly. The shell script `sluice` finds the JVM and the class path,
/// and has the help text.
@NullMarked
package dev.sluice.runtime.command;

import org.jspecify.annotations.NullMarked;
