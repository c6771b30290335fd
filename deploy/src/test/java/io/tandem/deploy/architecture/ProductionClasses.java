package io.tandem.deploy.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

/** The classes of all modules on deploy's class path, without their tests; read once. */
final class ProductionClasses {

    /** {@code verify} has engine/core's test-jar on the class path, {@code test} its folder; neither is production. */
    private static final ImportOption NO_TEST_JAR = location -> !location.contains("-tests.jar");

    static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(NO_TEST_JAR)
            .importPackages("io.tandem");

    private ProductionClasses() {}
}
