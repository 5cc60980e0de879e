/// The operator's settings of the gateway itself: read, checked, and told apart.
///
/// Here belongs what `config/sluice.cfg` says. Each bundle reads its own file.
@NullMarked
package dev.sluice.runtime.config;

import org.jspecify.annotations.NullMarked;
