/// The paper's interface for a program that embeds Sluice, without OSGi.
@NullMarked
package dev.sluice.runtime.embed;

import org.jspecify.annotations.NullMarked;
