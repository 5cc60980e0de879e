/// System calls, the frame pool and the devices: the only code of Sluice with native access.
///
/// It exports no call by which other code could reach memory or system calls of its own choosing.
module dev.sluice.kernel {
  requires static org.jspecify;

  exports dev.sluice.kernel;
}
