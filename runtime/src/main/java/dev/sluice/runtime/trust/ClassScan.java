package dev.sluice.runtime.trust;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Finds what the classes of a JAR use that a permission covers.
///
/// Whatever a class can name stands in its constant pool: what it calls, what it hands on as a
/// method handle, what a `invokedynamic` is linked by, what it extends. So the whole pool is read,
/// and nothing of the code but to tell a person where, if one is to be told. What reflection would
/// find by a name made at run time is not in it; hence reflection needs a permission. One thread at
/// a time.
final class ClassScan {
  private final ClassFile parser =
      ClassFile.of(
          ClassFile.DebugElementsOption.DROP_DEBUG, ClassFile.LineNumbersOption.DROP_LINE_NUMBERS);
  private final List<FoundUse> uses = new ArrayList<>();
  private final Ancestors ancestors = new Ancestors();

  /// Members that no rule names under the class they are called by, and a class that calls each.
  private final Map<Member, ClassModel> calls = new LinkedHashMap<>();

  /// What was found of members and of classes, of which most stand in many pools. Keys are of
  /// parts, never of one text: a class file may have any text for a name.
  private final Map<Member, Optional<Permission>> ofMembers = new HashMap<>();

  private final Map<String, Optional<Permission>> ofClasses = new HashMap<>();

  private final Set<Noted> seen = new HashSet<>();
  private int classes;

  private record Member(String owner, String name, String descriptor) {}

  private record Noted(String model, Permission permission, String owner, String member) {}

  /// Reads one class file.
  ///
  /// @param entry name of the JAR's entry
  /// @throws TrustException if it is none, or none that can be read
  void read(String entry, byte[] content) throws TrustException {
    classes++;
    try {
      ClassModel model = parser.parse(content);
      if (model.flags().has(AccessFlag.MODULE)) {
        return; // a description of a module, which runs nothing
      }
      ancestors.note(model.thisClass().asInternalName(), extended(model));
      for (PoolEntry each : model.constantPool()) {
        judge(model, each);
      }
      for (MethodModel method : model.methods()) {
        if (method.flags().has(AccessFlag.NATIVE)) {
          String name = name(model) + "." + method.methodName().stringValue();
          uses.add(new FoundUse(Permission.NATIVE, "a native method", () -> name));
        }
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new TrustException(
          "its class file " + entry + " cannot be read: " + oneLine(e.getMessage()));
    }
  }

  private static List<String> extended(ClassModel model) {
    List<String> extended = new ArrayList<>();
    model.superclass().ifPresent(each -> extended.add(each.asInternalName()));
    model.interfaces().forEach(each -> extended.add(each.asInternalName()));
    return extended;
  }

  /// What was found, each once for each class. To be asked once, when every class has been read.
  List<FoundUse> uses() {
    calls.forEach((member, model) -> {
      for (String ancestor : ancestors.of(member.owner())) {
        PermissionRules.ofInherited(ancestor, member.name(), member.descriptor())
            .ifPresent(permission -> note(model, permission, ancestor, member.name()));
      }
    });
    calls.clear();
    return List.copyOf(uses);
  }

  /// How many class files were read.
  int classes() {
    return classes;
  }

  private void judge(ClassModel model, PoolEntry entry) {
    switch (entry) {
      case MemberRefEntry reference -> {
        Member member =
            new Member(
                element(reference.owner().asInternalName()),
                reference.name().stringValue(),
                reference.type().stringValue());
        ofMembers
            .computeIfAbsent(
                member,
                _ -> PermissionRules.ofMember(member.owner(), member.name(), member.descriptor()))
            .ifPresentOrElse(
                permission -> note(model, permission, member.owner(), member.name()),
                () -> calls.putIfAbsent(member, model));
      }
      case ClassEntry named -> {
        String name = element(named.asInternalName());
        ofClasses
            .computeIfAbsent(name, PermissionRules::ofClass)
            .ifPresent(permission -> note(model, permission, name, ""));
      }
      default -> {
        // Names and numbers alone lead nowhere; handles and call sites lead to members.
      }
    }
  }

  /// The class that an array is made of in the end.
  private static String element(String name) {
    String stripped = name;
    while (stripped.startsWith("[")) {
      stripped = stripped.substring(1);
    }
    return stripped.length() < name.length() && stripped.endsWith(";")
        ? stripped.substring(1, stripped.length() - 1)
        : stripped;
  }

  private void note(ClassModel model, Permission permission, String owner, String member) {
    String what = owner.replace('/', '.') + (member.isEmpty() ? "" : "." + member);
    String in = model.thisClass().asInternalName();
    if (seen.add(new Noted(in, permission, owner, member))) {
      uses.add(new FoundUse(permission, what, () -> place(model, owner, member)));
    }
  }

  private static String place(ClassModel model, String owner, String member) {
    try {
      Optional<String> method = member.isEmpty() ? Optional.empty() : method(model, owner, member);
      return name(model) + method.map(name -> "." + name).orElse("");
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      return name(model); // code that no JVM would run either
    }
  }

  private static String name(ClassModel model) {
    return model.thisClass().asInternalName().replace('/', '.');
  }

  private static Optional<String> method(ClassModel model, String owner, String member) {
    for (MethodModel method : model.methods()) {
      boolean uses =
          method
              .code()
              .map(code -> code.elementStream().anyMatch(each -> uses(each, owner, member)))
              .orElse(false);
      if (uses) {
        return Optional.of(method.methodName().stringValue());
      }
    }
    return Optional.empty();
  }

  private static boolean uses(CodeElement element, String owner, String member) {
    return switch (element) {
      case InvokeInstruction call ->
          call.owner().asInternalName().equals(owner) && call.name().equalsString(member);
      case FieldInstruction field ->
          field.owner().asInternalName().equals(owner) && field.name().equalsString(member);
      case NewObjectInstruction made ->
          member.equals("<init>") && made.className().asInternalName().equals(owner);
      case InvokeDynamicInstruction site ->
          site.bootstrapArgs().stream()
              .anyMatch(each ->
                  each instanceof DirectMethodHandleDesc handle
                      && handle.methodName().equals(member)
                      && handle.owner().descriptorString().equals("L" + owner + ";"));
      default -> false;
    };
  }

  private static String oneLine(@org.jspecify.annotations.Nullable String text) {
    return String.valueOf(text).replaceAll("\\s+", " ");
  }
}
