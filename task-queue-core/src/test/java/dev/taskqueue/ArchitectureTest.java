package dev.taskqueue;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import org.junit.jupiter.api.Test;

/** The arrows of the design: worker → broker → task, and config → broker. */
class ArchitectureTest {

    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.taskqueue");

    @Test
    void tasks_depend_on_nothing_of_ours() {
        noClasses()
                .that()
                .resideInAPackage("dev.taskqueue")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.taskqueue.broker..", "dev.taskqueue.worker..", "dev.taskqueue.config..")
                .check(CORE);
    }

    @Test
    void the_broker_knows_no_worker_and_no_threads() {
        noClasses()
                .that()
                .resideInAPackage("dev.taskqueue.broker..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.taskqueue.worker..", "dev.taskqueue.config..", "java.util.concurrent.locks..")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .check(CORE);
    }

    @Test
    void only_the_broker_speaks_to_redis() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.taskqueue.broker..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("redis.clients..")
                .check(CORE);
    }

    @Test
    void the_worker_knows_no_settings_by_name() {
        noClasses()
                .that()
                .resideInAPackage("dev.taskqueue.worker..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.taskqueue.config..")
                .check(CORE);
    }

    @Test
    void no_two_classes_of_the_broker_refer_to_one_another() {
        slices().assignedFrom(new EachClassOf("dev.taskqueue.broker"))
                .should()
                .beFreeOfCycles()
                .check(CORE);
    }

    /** A slice for each class of a package, with all that is nested in it. */
    private static final class EachClassOf implements SliceAssignment {

        private final String packageName;

        EachClassOf(String packageName) {
            this.packageName = packageName;
        }

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
            if (!javaClass.getPackageName().equals(packageName)) {
                return SliceIdentifier.ignore();
            }
            return SliceIdentifier.of(javaClass.getName().replaceFirst("\\$.*", ""));
        }

        @Override
        public String getDescription() {
            return "each class of " + packageName;
        }
    }
}
