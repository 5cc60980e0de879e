package dev.sluice.runtime;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;

/// The arrows between the modules, and who may touch native memory.
@AnalyzeClasses(packages = "dev.sluice", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  @ArchTest
  static final ArchRule kernelBridgeSeesNothingOfOurs =
      noClasses()
          .that()
          .resideInAPackage("dev.sluice.kernel..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.sluice.plugin..", "dev.sluice.wire..", "dev.sluice.runtime..", "org.osgi..");

  @ArchTest
  static final ArchRule wireSeesNothingOfOurs =
      noClasses()
          .that()
          .resideInAPackage("dev.sluice.wire..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.sluice.plugin..", "dev.sluice.kernel..", "dev.sluice.runtime..");

  @ArchTest
  static final ArchRule pluginApiSeesOnlyWire =
      noClasses()
          .that()
          .resideInAPackage("dev.sluice.plugin..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.sluice.kernel..", "dev.sluice.runtime..", "dev.sluice.plugins..");

  @ArchTest
  static final ArchRule pluginsSeeOnlyTheApi =
      noClasses()
          .that()
          .resideInAPackage("dev.sluice.plugins..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.sluice.kernel..", "dev.sluice.runtime..", "org.jctools..");

  @ArchTest
  static final ArchRule pluginsSeeNotEachOther =
      slices().matching("dev.sluice.plugins.(*)..").should().notDependOnEachOther();

  @ArchTest
  static final ArchRule runtimeSeesNoPlugin =
      noClasses()
          .that()
          .resideInAPackage("dev.sluice.runtime..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.sluice.plugins..");

  @ArchTest
  static final ArchRule pipelineKnowsNoHost =
      noClasses()
          .that()
          .resideInAPackage("dev.sluice.runtime.pipeline..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.sluice.runtime.host..",
              "dev.sluice.runtime.config..",
              "dev.sluice.runtime.command..",
              "org.osgi..");

  @ArchTest
  static final ArchRule onlyTheBridgeCallsNativeCode =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.sluice.kernel..")
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(Linker.class, SymbolLookup.class)
          .orShould()
          .dependOnClassesThat()
          .resideInAPackage("sun.misc..");

  @ArchTest
  static final ArchRule noCyclesInTheRuntime =
      slices().matching("dev.sluice.runtime.(*)..").should().beFreeOfCycles();
}
