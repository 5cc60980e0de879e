/// The whole product against programs of others: real gateway processes in labs of their own,
/// openssl(1) as the terminal, nmap(1) as the enemy, tcpdump(1) as the witness, kernel TCP between
/// the ends. Each test class has its own lab, which is removed whatever happens.
@NullMarked
package dev.sluice.runtime.e2e;

import org.jspecify.annotations.NullMarked;
