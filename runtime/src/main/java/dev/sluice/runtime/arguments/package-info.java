/// What a person typed after a command, checked.
@NullMarked
package dev.sluice.runtime.arguments;

import org.jspecify.annotations.NullMarked;
