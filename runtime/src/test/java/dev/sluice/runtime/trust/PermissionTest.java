package dev.sluice.runtime.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ConstantPoolBuilder;
import java.lang.constant.ClassDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What classes use, wherever in a JAR they lie and however they say it.
class PermissionTest {
  @TempDir Path folder;

  private static String type(String body) {
    return "package evil; public class X { " + body + " }";
  }

  private List<Usage> usages(TestBundle bundle) throws Exception {
    return TrustCheck.usages(bundle.at(folder.resolve("b.jar")));
  }

  private Set<String> used(String body) throws Exception {
    return usages(TestBundle.named("evil", "1").source("evil.X", type(body))).stream()
        .map(usage -> usage.permission().word())
        .collect(Collectors.toSet());
  }

  @Test
  void harmlessCodeUsesNothing() throws Exception {
    assertEquals(
        Set.of(),
        used(
            """
            record R(int a, String b) {}
            enum E { A, B }
            sealed interface S permits T {}
            record T(Object o) implements S {}
            final java.util.concurrent.atomic.AtomicLong n = new java.util.concurrent.atomic.AtomicLong();
            final java.util.concurrent.locks.ReentrantLock lock = new java.util.concurrent.locks.ReentrantLock();
            Object f(S s, E e, java.util.List<String> l) throws Exception {
              Thread.sleep(1);
              long time = System.nanoTime() + System.currentTimeMillis();
              String text = "a" + time + new R(1, "b") + java.time.Instant.now();
              l.stream().map(String::strip).sorted().toList();
              int k = switch (e) { case A -> 1; case B -> 2; };
              java.security.MessageDigest.getInstance("SHA-256").digest(text.getBytes());
              java.net.InetAddress.getByAddress(new byte[4]);
              String.format("%d", k);
              System.arraycopy(new int[1], 0, new int[1], 0, 1);
              System.out.println(text);
              return switch (s) { case T(String o) -> o; case T t -> t; };
            }
            """));
  }

  @Test
  void eachUseIsFoundAndNamed() throws Exception {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put("void f() { new Thread(() -> {}).start(); }", "threads");
    rows.put("Object f = java.util.concurrent.Executors.newCachedThreadPool();", "threads");
    rows.put("Object f() { return Thread.ofVirtual(); }", "threads");
    rows.put("void f() { new java.util.ArrayList<String>().parallelStream(); }", "threads");
    rows.put("Object f = java.util.concurrent.CompletableFuture.supplyAsync(() -> 1);", "threads");
    rows.put("static class T extends Thread {} void f() { new T().start(); }", "threads");
    rows.put("void f() throws Exception { new java.io.FileInputStream(\"x\"); }", "files");
    rows.put("Object f() { return java.nio.file.Path.of(\"x\"); }", "files");
    rows.put("void f() throws Exception { new java.io.PrintWriter(\"x\"); }", "files");
    rows.put("void f() throws Exception { new java.io.RandomAccessFile(\"x\", \"r\"); }", "files");
    rows.put("void f() throws Exception { new java.net.Socket(); }", "network");
    rows.put(
        "Object f() throws Exception { return java.net.InetAddress.getByName(\"x\"); }", "network");
    rows.put("Object f() { return new java.net.InetSocketAddress(\"x\", 1); }", "network");
    rows.put("Object f() { return java.net.http.HttpClient.newHttpClient(); }", "network");
    rows.put("void f() throws Exception { new ProcessBuilder(\"x\"); }", "process");
    rows.put("void f() throws Exception { Runtime.getRuntime().exec(new String[0]); }", "process");
    rows.put("Object f() { return ProcessHandle.current(); }", "process");
    rows.put("void f() { System.exit(1); }", "exit");
    rows.put("void f() { Runtime.getRuntime().halt(1); }", "exit");
    rows.put("void f() { Runtime.getRuntime().addShutdownHook(null); }", "threads");
    rows.put("void f() throws Exception { Class.forName(\"x\"); }", "reflection");
    rows.put("void f() throws Exception { X.class.getDeclaredMethods(); }", "reflection");
    rows.put(
        "void f() throws Exception { java.lang.invoke.MethodHandles.lookup().findStatic(X.class, \"a\","
            + " java.lang.invoke.MethodType.methodType(void.class)); }",
        "reflection");
    rows.put("Object f() { return StackWalker.getInstance(); }", "reflection");
    rows.put("Object f() { return System.getenv(\"x\"); }", "environment");
    rows.put("Object f() { return System.getProperty(\"x\"); }", "environment");
    rows.put("Object f() { return Integer.getInteger(\"x\"); }", "environment");
    rows.put("void f() { System.setOut(null); }", "environment");
    rows.put("void f() throws Exception { new java.io.ObjectInputStream(null); }", "serialization");
    rows.put("static class L extends ClassLoader {}", "classloading");
    rows.put("Object f() { return X.class.getClassLoader(); }", "classloading");
    rows.put("Object f() { return java.util.ServiceLoader.load(X.class); }", "classloading");
    rows.put(
        "void f() throws Exception { java.lang.invoke.MethodHandles.lookup().defineClass(null); }",
        "classloading");
    rows.put("void f() { System.loadLibrary(\"x\"); }", "native");
    rows.put("native void f();", "native");
    rows.put("Object f() { return java.lang.foreign.Linker.nativeLinker(); }", "native");
    rows.put("Object f(java.lang.foreign.MemorySegment s) { return s.reinterpret(1); }", "native");
    rows.put(
        "Object f() { return java.lang.management.ManagementFactory.getRuntimeMXBean(); }",
        "management");
    rows.put("void f() { java.security.Security.setProperty(\"a\", \"b\"); }", "security");
    rows.put(
        "void f(org.osgi.framework.BundleContext c) throws Exception { c.installBundle(\"x\"); }",
        "framework");
    rows.put(
        "void f(org.osgi.framework.Bundle b) throws Exception { b.getBundleContext(); }",
        "framework");
    for (Map.Entry<String, String> row : rows.entrySet()) {
      assertTrue(used(row.getKey()).contains(row.getValue()), row + ": " + used(row.getKey()));
    }
  }

  /// A class file may extend what a compiler would not let it, and call what it inherits by its own
  /// name.
  @Test
  void inheritedMembersAreFoundUnderAnyName() throws Exception {
    assertEquals(
        Set.of("threads"),
        used("static class T extends Thread {} Object f() { return T.ofVirtual(); }"));
    assertTrue(
        used("static class C<A> extends java.util.concurrent.CompletableFuture<A> {}"
                + " Object f() { return C.supplyAsync(() -> 1); }")
            .contains("threads"));
    assertTrue(
        used("static abstract class L<A> extends java.util.AbstractList<A> {}"
                + " Object f(L<String> l) { return l.parallelStream(); }")
            .contains("threads"));
  }

  @Test
  void placeIsNamedDownToTheMethod() throws Exception {
    List<Usage> found =
        usages(
            TestBundle.named("evil", "1")
                .source("evil.X", type("void go() { new Thread(() -> {}).start(); }")));
    assertTrue(
        found.contains(new Usage(Permission.THREADS, "java.lang.Thread.start", "evil.X.go")),
        found.toString());
  }

  @Test
  void methodHandleConstantsAreFound() throws Exception {
    List<Usage> found =
        usages(
            TestBundle.named("evil", "1")
                .source(
                    "evil.X",
                    type(
                        "interface F { Class<?> of(String s) throws Exception; }"
                            + " F load = Class::forName; F none() { return Class::forName; }"
                            + " java.util.function.IntConsumer end = System::exit;")));
    Set<Permission> permissions = found.stream().map(Usage::permission).collect(Collectors.toSet());
    assertEquals(Set.of(Permission.REFLECTION, Permission.EXIT), permissions);
    assertTrue(
        found.toString().contains("where=evil.X.none")
            || found.toString().contains("evil.X.<init>"),
        found.toString());
  }

  @Test
  void classOfAnotherJavaVersionIsRead() throws Exception {
    byte[] evil =
        TestBundle.one(
            TestBundle.classes("evil.X", type("void f() { System.exit(1); }")), "evil/X.class");
    List<Usage> found =
        usages(
            TestBundle.harmless()
                .header("Multi-Release", "true")
                .entry("META-INF/versions/21/guard/Guard.class", evil));
    assertEquals(Permission.EXIT, found.getFirst().permission());
  }

  @Test
  void nestedJarIsReadWhateverItIsCalled() throws Exception {
    Map<String, byte[]> evil = TestBundle.classes("evil.X", type("void f() { System.exit(1); }"));
    for (String name : List.of("lib/evil.jar", "lib/evil.dat")) {
      List<Usage> found = usages(TestBundle.harmless().entry(name, TestBundle.zip(evil)));
      assertEquals(Permission.EXIT, found.getFirst().permission());
    }
  }

  @Test
  void classWithoutItsEndingIsRead() throws Exception {
    byte[] evil =
        TestBundle.one(
            TestBundle.classes("evil.X", type("void f() { System.exit(1); }")), "evil/X.class");
    assertEquals(
        Permission.EXIT,
        usages(TestBundle.harmless().entry("data.bin", evil)).getFirst().permission());
  }

  /// A class file whose pool has an entry that runs together to what a call of a member does.
  private static byte[] lookalike(String type, Consumer<ConstantPoolBuilder> entry) {
    return ClassFile.of()
        .build(ClassDesc.ofInternalName(type), made -> entry.accept(made.constantPool()));
  }

  @Test
  void namesThatRunTogetherLikeACallHideNone() throws Exception {
    List<Consumer<ConstantPoolBuilder>> lookalikes =
        List.of(
            pool -> pool.classEntry(pool.utf8Entry("java/lang/System.exit(I)V")),
            pool ->
                pool.classEntry(
                    pool.utf8Entry("java/lang/Class.forName(Ljava/lang/String;)Ljava/lang/Class;")),
            pool -> field(pool, "java/lang/System", "exit(I)", "V"),
            pool ->
                field(pool, "java/lang/Class", "forName(Ljava/lang/String;)", "Ljava/lang/Class;"),
            pool -> field(pool, "evil/X$T", "getAllStackTraces()", "Ljava/util/Map;"));
    TestBundle bundle = TestBundle.named("evil", "1");
    for (int i = 0; i < lookalikes.size(); i++) {
      bundle.entry("a" + i, lookalike("evil/A", lookalikes.get(i)));
    }
    bundle.source(
        "evil.X",
        type(
            "static class T extends Thread {} Object f() throws Exception {"
                + " Class.forName(\"x\"); System.exit(1); return T.getAllStackTraces(); }"));
    List<Usage> found = usages(bundle);
    Set<String> names = found.stream().map(Usage::what).collect(Collectors.toSet());
    assertTrue(
        names.containsAll(
            Set.of(
                "java.lang.System.exit",
                "java.lang.Class.forName",
                "java.lang.Thread.getAllStackTraces")),
        names.toString());
  }

  /// What stands for a use of one permission must not stand for that of another.
  @Test
  void namesThatReadAlikeHideNoOtherPermission() throws Exception {
    byte[] slash =
        lookalike(
            "evil/X",
            pool ->
                pool.classEntry(
                    pool.utf8Entry("java/lang/invoke/MethodHandles$Lookup/defineClass")));
    byte[] blank =
        lookalike(
            "x", pool -> pool.classEntry(pool.utf8Entry("java/net/Foo java/lang/System.exit")));
    byte[] caller =
        lookalike(
            "x java/net/Foo",
            pool ->
                pool.methodRefEntry(
                    pool.classEntry(pool.utf8Entry("java/lang/System")),
                    pool.nameAndTypeEntry(pool.utf8Entry("exit"), pool.utf8Entry("(I)V"))));
    Set<Permission> found =
        usages(
                TestBundle.named("evil", "1")
                    .entry("a", slash)
                    .entry("b", blank)
                    .entry("c", caller)
                    .source(
                        "evil.X",
                        type(
                            "Object f(java.lang.invoke.MethodHandles.Lookup l) throws Exception {"
                                + " return l.defineClass(new byte[0]); }")))
            .stream()
            .map(Usage::permission)
            .collect(Collectors.toSet());
    assertTrue(
        found.containsAll(Set.of(Permission.CLASSLOADING, Permission.EXIT)), found.toString());
  }

  private static void field(
      ConstantPoolBuilder pool, String owner, String name, String descriptor) {
    pool.fieldRefEntry(
        pool.classEntry(pool.utf8Entry(owner)),
        pool.nameAndTypeEntry(pool.utf8Entry(name), pool.utf8Entry(descriptor)));
  }

  private void refused(TestBundle bundle, String sentence) {
    TrustException refused = assertThrows(TrustException.class, () -> usages(bundle));
    assertTrue(refused.sentence().contains(sentence), refused.sentence());
  }

  @Test
  void whatCannotBeReadIsRefused() throws Exception {
    byte[] good = TestBundle.one(TestBundle.classes("evil.X", type("int n;")), "evil/X.class");
    refused(
        TestBundle.harmless().entry("a/A.class", "hello"),
        "its class file a/A.class cannot be read");
    refused(
        TestBundle.harmless().entry("a/A.class", new byte[0]),
        "its class file a/A.class cannot be read");
    for (int bytes : List.of(4, 9, 20, good.length / 2)) {
      refused(
          TestBundle.harmless().entry("a/A.class", java.util.Arrays.copyOf(good, bytes)),
          "its class file a/A.class cannot be read");
    }
    refused(
        TestBundle.harmless().entry("lib/a.jar", "hello"),
        "in its entry lib/a.jar: it is no JAR file");
    refused(
        TestBundle.harmless()
            .entry("lib/a.jar", TestBundle.zip(Map.of("b.jar", TestBundle.zip(Map.of("c", good))))),
        "in its entry lib/a.jar: it has a JAR within a JAR");
  }

  @Test
  void namesThatPassForMetaInfAreRefused() throws Exception {
    refused(
        TestBundle.harmless().entry("meta-inf/x", "x"), "differs from META-INF only by the case");
    refused(
        TestBundle.harmless().entry("META-INF/Manifest.mf", "x"),
        "differs from META-INF only by the case");
    for (String name :
        List.of("META-INF/x.sf", "META-INF/SIG-A", "META-INF/A.DSA", "META-INF/a b.RSA")) {
      refused(TestBundle.harmless().entry(name, "x"), "which Java takes for a part of a signature");
    }
    Map<String, byte[]> late = new LinkedHashMap<>();
    late.put("one", new byte[] {1});
    late.put(
        "META-INF/MANIFEST.MF",
        "Manifest-Version: 1.0\n\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    Path file = Files.write(folder.resolve("late.jar"), TestBundle.zip(late));
    TrustException refused = assertThrows(TrustException.class, () -> BundleFile.read(file));
    assertTrue(
        refused.sentence().contains("its manifest is not the first entry"), refused.sentence());
  }

  @Test
  void headerThatIsThereTwiceIsRefused() {
    refused(
        TestBundle.harmless().header("Bundle-symbolicname", "other"),
        "the header Bundle-symbolicname twice");
  }
}
