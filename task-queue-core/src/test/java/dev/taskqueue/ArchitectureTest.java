package dev.taskqueue;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
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
                .resideInAnyPackage("dev.taskqueue", "dev.taskqueue.internal")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.taskqueue.broker..", "dev.taskqueue.worker..", "dev.taskqueue.internal.config..")
                .check(CORE);
    }

    @Test
    void the_broker_knows_no_worker() {
        noClasses()
                .that()
                .resideInAPackage("dev.taskqueue.broker..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.taskqueue.worker..", "dev.taskqueue.internal.config..")
                .check(CORE);
    }

    @Test
    void the_broker_knows_no_threads_but_those_of_enqueue_async() {
        noClasses()
                .that()
                .resideInAPackage("dev.taskqueue.broker..")
                .and()
                .haveNameNotMatching(".*\\.(AsyncEnqueueing|Completions(\\$.*)?)")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.concurrent.locks..")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Executor.class)
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
                .resideInAPackage("dev.taskqueue.internal.config..")
                .check(CORE);
    }

    @Test
    void no_two_classes_of_the_broker_refer_to_one_another() {
        slices().assignedFrom(new EachClassOf("dev.taskqueue.broker.internal"))
                .should()
                .beFreeOfCycles()
                .check(CORE);
    }

    @Test
    void no_public_signature_names_an_internal_type() {
        List<String> leaks = new ArrayList<>();
        for (JavaClass type : CORE) {
            if (isPublicFace(type)) {
                leaks.addAll(leaksOf(type));
            }
        }
        assertThat(leaks).isEmpty();
    }

    private static boolean isPublicFace(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && !type.getPackageName().contains("internal")
                && type.getEnclosingClass().map(ArchitectureTest::isPublicFace).orElse(true);
    }

    private static List<String> leaksOf(JavaClass type) {
        List<String> leaks = new ArrayList<>();
        Stream.concat(type.getRawInterfaces().stream(), type.getRawSuperclass().stream())
                .filter(named -> !isUsable(named))
                .forEach(named -> leaks.add(type.getName() + " is a " + named.getName()));
        for (JavaMember member : type.getMembers()) {
            if (isForUsers(member)) {
                member.getAllInvolvedRawTypes().stream()
                        .filter(named -> !isUsable(named))
                        .forEach(named -> leaks.add(member.getFullName() + " names " + named.getName()));
            }
        }
        return leaks;
    }

    private static boolean isForUsers(JavaMember member) {
        return member.getModifiers().contains(JavaModifier.PUBLIC)
                || member.getModifiers().contains(JavaModifier.PROTECTED);
    }

    private static boolean isUsable(JavaClass named) {
        JavaClass type = named.getBaseComponentType();
        return !type.getPackageName().startsWith("dev.taskqueue") || isPublicFace(type);
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
