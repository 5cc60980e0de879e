/// Passes and drops by the operator's list of rules; the first that matches decides.
///
/// `RuleLine` reads one line into a `Rule`, `RuleFile` all of them, `RuleTable` lays them out for
/// the packet path, `RuleFirewall` applies them, `HitReport` tells how often each was hit.
@NullMarked
package dev.sluice.plugins.rulefirewall;

import org.jspecify.annotations.NullMarked;
