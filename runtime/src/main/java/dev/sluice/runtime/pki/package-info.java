/// A small certificate authority for trials and small sites.
///
/// Its whole state is a folder: `ca.crt`, `ca.key`, `ca.crl`, the index of what was issued, and two
/// files for each certificate. Certificates from any other authority work as well; nothing outside
/// this package and the lab needs it. Keys and signatures are Bouncy Castle's, whose provider is
/// passed as an object and never registered with the JVM.
@NullMarked
package dev.sluice.runtime.pki;

import org.jspecify.annotations.NullMarked;
