/// Keeps IEC 60870-5-104 commands of listed types from reaching a station.
///
/// `Iec104Guard` judges packets; `ApduStream` follows the APDUs of a byte stream, `Flow` the bytes
/// of one direction of a TCP connection.
@NullMarked
package dev.sluice.plugins.iec104guard;

import org.jspecify.annotations.NullMarked;
