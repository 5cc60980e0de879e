/// A rule to begin with. `sluice bundle new` writes it under other names.
@NullMarked
package dev.sluice.plugins.template;

import org.jspecify.annotations.NullMarked;
