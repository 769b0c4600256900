package dev.taskqueue.daemon;

import dev.taskqueue.internal.config.InvalidSettingException;
import io.github.cdimascio.dotenv.Dotenv;
import io.github.cdimascio.dotenv.DotenvException;
import java.util.function.Function;

/** Where settings come from: the real environment, else the file {@code .env} in the working folder. */
final class Environment {

    private Environment() {}

    /**
     * @throws InvalidSettingException if there is a {@code .env} that cannot be read
     */
    static Function<String, String> load() {
        try {
            // It asks the real environment first.
            return Dotenv.configure().ignoreIfMissing().load()::get;
        } catch (DotenvException e) {
            // Its message may quote the line, and with it a password.
            throw new InvalidSettingException(".env cannot be read; each line must be NAME=value, a comment or blank");
        }
    }
}
