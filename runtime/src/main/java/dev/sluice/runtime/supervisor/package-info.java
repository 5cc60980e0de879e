/// What cannot be contained inside one process: how it ends with a reason, what is known of that at
/// the next start, and the shell that starts it again.
///
/// Here belongs what both lives of a gateway agree on. What a gateway does while it lives is the
/// host's.
@NullMarked
package dev.sluice.runtime.supervisor;

import org.jspecify.annotations.NullMarked;
