/// What an operator asks of a running gateway: the socket, its protocol and `sluice ctl`.
///
/// Here belong the questions, the shapes of the answers and how both travel. What the answers are
/// is the host's business, behind [dev.sluice.runtime.control.Operations]; this package never sees
/// it.
@NullMarked
package dev.sluice.runtime.control;

import org.jspecify.annotations.NullMarked;
