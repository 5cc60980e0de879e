package dev.sluice.runtime.trust;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which class or member of the platform needs which permission.
///
/// The table has lines `PATTERN PERMISSION`. A pattern is a class, or a class with a dot and a
/// member, in the class file's own spelling; a `*` at its end stands for anything. The longest
/// pattern that fits counts, and a member's before a class's. A class's rule holds for every member
/// of it, and for naming it at all. `free` stands for no permission. What has no rule is free.
final class PermissionRules {
  private static final String FREE = "free";

  private static final String TABLE =
      """
      java/lang/System.exit exit
      java/lang/Runtime.exit exit
      java/lang/Runtime.halt exit
      java/lang/Runtime.addShutdownHook threads
      java/lang/Runtime.removeShutdownHook threads
      java/lang/Runtime.exec process
      java/lang/ProcessBuilder* process
      java/lang/Process process
      java/lang/ProcessHandle* process
      java/lang/System.load native
      java/lang/System.loadLibrary native
      java/lang/System.mapLibraryName native
      java/lang/Runtime.load native
      java/lang/Runtime.loadLibrary native
      java/lang/foreign/Linker* native
      java/lang/foreign/SymbolLookup native
      java/lang/foreign/MemorySegment.reinterpret native
      java/lang/foreign/AddressLayout.withTargetLayout native
      java/lang/ModuleLayer$Controller.enableNativeAccess native
      sun/misc/* native
      jdk/internal/* native
      sun/* native
      jdk/vm/* native
      java/lang/Thread.<init> threads
      java/lang/Thread.start threads
      java/lang/Thread.startVirtualThread threads
      java/lang/Thread.ofPlatform threads
      java/lang/Thread.ofVirtual threads
      java/lang/Thread.getAllStackTraces threads
      java/lang/Thread.setDefaultUncaughtExceptionHandler threads
      java/lang/Thread.getContextClassLoader classloading
      java/lang/Thread.setContextClassLoader classloading
      java/lang/Thread$Builder* threads
      java/lang/ThreadGroup threads
      java/lang/VirtualThread threads
      java/util/Timer threads
      java/util/TimerTask threads
      java/util/concurrent/Executors* threads
      java/util/concurrent/ThreadPoolExecutor* threads
      java/util/concurrent/ScheduledThreadPoolExecutor threads
      java/util/concurrent/ForkJoin* threads
      java/util/concurrent/RecursiveTask threads
      java/util/concurrent/RecursiveAction threads
      java/util/concurrent/CountedCompleter threads
      java/util/concurrent/StructuredTaskScope* threads
      java/util/concurrent/SubmissionPublisher threads
      java/lang/ref/Cleaner* threads
      java/io/File* files
      java/io/RandomAccessFile files
      java/io/FileNotFoundException free
      java/nio/file/* files
      java/nio/file/NoSuchFileException free
      java/nio/file/AccessDeniedException free
      java/nio/file/InvalidPathException free
      java/nio/channels/FileChannel* files
      java/nio/channels/FileLock free
      java/nio/channels/AsynchronousFileChannel files
      java/util/zip/ZipFile* files
      java/util/jar/JarFile* files
      java/util/logging/FileHandler files
      java/util/logging/SocketHandler network
      java/util/logging/LogManager management
      javax/imageio/* files
      javax/print/* files
      javax/sound/* files
      java/util/prefs/* files
      java/awt/* environment
      javax/swing/* environment
      java/net/* network
      java/net/URI* free
      java/net/URLEncoder free
      java/net/URLDecoder free
      java/net/Inet4Address free
      java/net/Inet6Address free
      java/net/InetAddress free
      java/net/InetSocketAddress free
      java/net/SocketAddress free
      java/net/UnknownHostException free
      java/net/ProtocolFamily free
      java/net/StandardProtocolFamily free
      java/net/InetAddress.getByName network
      java/net/InetAddress.getAllByName network
      java/net/InetAddress.getLocalHost network
      java/net/InetAddress.getHostName network
      java/net/InetAddress.getCanonicalHostName network
      java/net/InetAddress.isReachable network
      java/net/Inet4Address.getByName network
      java/net/Inet4Address.getAllByName network
      java/net/Inet4Address.getLocalHost network
      java/net/Inet4Address.getHostName network
      java/net/Inet4Address.getCanonicalHostName network
      java/net/Inet4Address.isReachable network
      java/net/Inet6Address.getByName network
      java/net/Inet6Address.getAllByName network
      java/net/Inet6Address.getLocalHost network
      java/net/Inet6Address.getHostName network
      java/net/Inet6Address.getCanonicalHostName network
      java/net/Inet6Address.isReachable network
      java/net/InetSocketAddress.getHostName network
      java/net/URI.toURL network
      java/net/URLClassLoader classloading
      java/net/URLStreamHandler* classloading
      java/net/http/* network
      java/nio/channels/SocketChannel network
      java/nio/channels/ServerSocketChannel network
      java/nio/channels/DatagramChannel network
      java/nio/channels/MulticastChannel network
      java/nio/channels/NetworkChannel network
      java/nio/channels/AsynchronousSocketChannel network
      java/nio/channels/AsynchronousServerSocketChannel network
      java/nio/channels/AsynchronousChannelGroup threads
      java/nio/channels/spi/* network
      java/nio/channels/Selector network
      javax/net/* network
      com/sun/net/* network
      com/sun/security/* security
      java/rmi/* network
      javax/rmi/* network
      javax/naming/* network
      com/sun/jndi/* network
      java/sql/* network
      javax/sql/* network
      javax/xml/* network
      com/sun/org/* network
      org/w3c/* free
      org/xml/* network
      java/lang/reflect/* reflection
      java/lang/reflect/InvocationTargetException free
      java/lang/reflect/UndeclaredThrowableException free
      java/lang/reflect/Array free
      java/lang/Class.forName reflection
      java/lang/Class.newInstance reflection
      java/lang/Class.getMethod reflection
      java/lang/Class.getMethods reflection
      java/lang/Class.getDeclaredMethod reflection
      java/lang/Class.getDeclaredMethods reflection
      java/lang/Class.getField reflection
      java/lang/Class.getFields reflection
      java/lang/Class.getDeclaredField reflection
      java/lang/Class.getDeclaredFields reflection
      java/lang/Class.getConstructor reflection
      java/lang/Class.getConstructors reflection
      java/lang/Class.getDeclaredConstructor reflection
      java/lang/Class.getDeclaredConstructors reflection
      java/lang/Class.getDeclaredClasses reflection
      java/lang/Class.getRecordComponents reflection
      java/lang/Class.getEnclosingMethod reflection
      java/lang/Class.getEnclosingConstructor reflection
      java/lang/Class.getClassLoader classloading
      java/lang/Class.getProtectionDomain classloading
      java/lang/Class.getModule classloading
      java/lang/invoke/* reflection
      java/lang/invoke/LambdaMetafactory free
      java/lang/invoke/StringConcatFactory free
      java/lang/invoke/MethodHandles free
      java/lang/invoke/MethodHandles.privateLookupIn reflection
      java/lang/invoke/MethodHandles.publicLookup reflection
      java/lang/invoke/MethodHandles.reflectAs reflection
      java/lang/invoke/MethodHandles.classData reflection
      java/lang/invoke/MethodHandles.classDataAt reflection
      java/lang/invoke/MethodHandles$Lookup free
      java/lang/invoke/MethodHandles$Lookup.find* reflection
      java/lang/invoke/MethodHandles$Lookup.unreflect* reflection
      java/lang/invoke/MethodHandles$Lookup.bind reflection
      java/lang/invoke/MethodHandles$Lookup.in reflection
      java/lang/invoke/MethodHandles$Lookup.revealDirect reflection
      java/lang/invoke/MethodHandles$Lookup.accessClass reflection
      java/lang/invoke/MethodHandles$Lookup.ensureInitialized reflection
      java/lang/invoke/MethodHandles$Lookup.define* classloading
      java/lang/invoke/MethodHandle free
      java/lang/invoke/MethodType free
      java/lang/invoke/VarHandle* free
      java/lang/invoke/CallSite free
      java/lang/invoke/TypeDescriptor* free
      java/lang/invoke/ConstantBootstraps free
      java/lang/invoke/ConstantBootstraps.invoke reflection
      java/lang/invoke/ConstantBootstraps.fieldVarHandle reflection
      java/lang/invoke/ConstantBootstraps.staticFieldVarHandle reflection
      java/lang/invoke/ConstantBootstraps.getStaticFinal reflection
      java/beans/* reflection
      java/io/Console environment
      java/lang/System.console environment
      java/lang/System.getenv environment
      java/lang/System.getProperty environment
      java/lang/System.getProperties environment
      java/lang/System.setProperty environment
      java/lang/System.setProperties environment
      java/lang/System.clearProperty environment
      java/lang/System.setIn environment
      java/lang/System.setOut environment
      java/lang/System.setErr environment
      java/lang/System.setSecurityManager environment
      java/lang/System.inheritedChannel environment
      java/lang/Integer.getInteger environment
      java/lang/Long.getLong environment
      java/lang/Boolean.getBoolean environment
      java/util/Locale.setDefault environment
      java/util/TimeZone.setDefault environment
      java/io/ObjectInput* serialization
      java/io/ObjectOutput* serialization
      java/io/ObjectStream* serialization
      java/io/Externalizable serialization
      javax/crypto/SealedObject serialization
      java/security/SignedObject serialization
      java/lang/ClassLoader* classloading
      java/lang/ModuleLayer* classloading
      java/lang/Module classloading
      java/lang/module/* classloading
      java/lang/instrument/* classloading
      java/security/SecureClassLoader classloading
      java/util/ServiceLoader* classloading
      java/util/ResourceBundle* classloading
      java/util/spi/* classloading
      javax/script/* classloading
      javax/tools/* classloading
      javax/annotation/processing/* classloading
      com/sun/tools/* classloading
      com/sun/source/* classloading
      com/sun/jdi/* process
      jdk/jshell/* classloading
      jdk/security/* files
      jdk/nio/* files
      jdk/net/* network
      jdk/dynalink/* reflection
      jdk/jfr/* management
      jdk/management/* management
      java/lang/management/* management
      javax/management/* management
      com/sun/management/* management
      java/lang/StackWalker* reflection
      java/security/Policy security
      java/security/Security.addProvider security
      java/security/Security.insertProviderAt security
      java/security/Security.removeProvider security
      java/security/Security.setProperty security
      javax/net/ssl/SSLContext.setDefault security
      javax/security/* security
      javax/security/auth/x500/* free
      javax/security/cert/* free
      org/ietf/* security
      org/osgi/framework/hooks/* framework
      org/osgi/framework/launch/* framework
      org/osgi/framework/startlevel/* framework
      org/osgi/framework/wiring/* framework
      org/osgi/framework/BundleContext.installBundle framework
      org/osgi/framework/BundleContext.getBundles framework
      org/osgi/framework/Bundle.start framework
      org/osgi/framework/Bundle.stop framework
      org/osgi/framework/Bundle.update framework
      org/osgi/framework/Bundle.uninstall framework
      org/osgi/framework/Bundle.adapt framework
      org/osgi/framework/Bundle.getBundleContext framework
      org/osgi/framework/Bundle.loadClass classloading
      org/osgi/framework/Bundle.getDataFile files
      org/osgi/framework/BundleContext.getDataFile files
      org/osgi/service/cm/* framework
      org/osgi/service/component/runtime/* framework
      org/osgi/service/component/ComponentContext.enableComponent framework
      org/osgi/service/component/ComponentContext.disableComponent framework
      org/osgi/resource/* framework
      org/apache/felix/* framework
      org/bouncycastle/est/* network
      """;

  private static final Set<String> OPENED_BY_NAME =
      Set.of("java/io/PrintStream", "java/io/PrintWriter", "java/util/Formatter");

  private static final Map<String, Optional<Permission>> EXACT = new HashMap<>();
  private static final Map<String, Optional<Permission>> PREFIXES = new LinkedHashMap<>();

  static {
    List<String[]> prefixes = new ArrayList<>();
    TABLE
        .lines()
        .map(line -> line.split(" ", -1))
        .forEach(words -> {
          if (words[0].endsWith("*")) {
            prefixes.add(words);
          } else {
            EXACT.put(words[0], permission(words[1]));
          }
        });
    // The longest first, so that the first that fits is the nearest.
    prefixes.sort((one, other) -> other[0].length() - one[0].length());
    prefixes.forEach(
        words -> PREFIXES.put(words[0].substring(0, words[0].length() - 1), permission(words[1])));
  }

  private PermissionRules() {}

  private static Optional<Permission> permission(String word) {
    Optional<Permission> found = Permission.of(word);
    if (found.isEmpty() && !word.equals(FREE)) {
      throw new IllegalStateException("the table has no such permission: " + word);
    }
    return found;
  }

  /// What a member needs.
  ///
  /// @param owner class in the class file's spelling, `java/lang/Thread`
  /// @param descriptor of the member, which tells overloads apart
  static Optional<Permission> ofMember(String owner, String member, String descriptor) {
    return ofMemberAlone(owner, member, descriptor).orElseGet(() -> ofClass(owner));
  }

  /// What a member needs that a class has from this one, which it need not name.
  static Optional<Permission> ofInherited(String owner, String member, String descriptor) {
    return ofMemberAlone(owner, member, descriptor).orElse(Optional.empty());
  }

  /// The rule for the member, if it has one of its own.
  private static Optional<Optional<Permission>> ofMemberAlone(
      String owner, String member, String descriptor) {
    Optional<Permission> overload = ofOverload(owner, member, descriptor);
    if (overload.isPresent()) {
      return Optional.of(overload);
    }
    String key = owner + "." + member;
    Optional<Permission> exact = EXACT.get(key);
    if (exact != null) {
      return Optional.of(exact);
    }
    for (Map.Entry<String, Optional<Permission>> prefix : PREFIXES.entrySet()) {
      // A prefix with a dot in it is one of members.
      if (prefix.getKey().indexOf('.') >= 0 && key.startsWith(prefix.getKey())) {
        return Optional.of(prefix.getValue());
      }
    }
    return Optional.empty();
  }

  /// Members that many classes inherit, and constructors that open what they are given the name of.
  private static Optional<Permission> ofOverload(String owner, String member, String descriptor) {
    boolean named = member.equals("<init>") && descriptor.startsWith("(Ljava/lang/String;");
    boolean pool =
        member.startsWith("parallel")
            || (owner.startsWith("java/util/concurrent/Complet")
                && (member.endsWith("Async") || member.endsWith("imeout")));
    if (named && OPENED_BY_NAME.contains(owner)) {
      return Optional.of(Permission.FILES);
    }
    if (named && owner.equals("java/net/InetSocketAddress")) {
      return Optional.of(Permission.NETWORK);
    }
    return pool && owner.startsWith("java/util/")
        ? Optional.of(Permission.THREADS)
        : Optional.empty();
  }

  /// What it needs to name a class.
  static Optional<Permission> ofClass(String name) {
    Optional<Permission> exact = EXACT.get(name);
    if (exact != null) {
      return exact;
    }
    for (Map.Entry<String, Optional<Permission>> prefix : PREFIXES.entrySet()) {
      if (name.startsWith(prefix.getKey())) {
        return prefix.getValue();
      }
    }
    return Optional.empty();
  }
}
