package io.tandem.hub;

import io.tandem.hub.ModelSource.Repository;
import java.net.http.HttpResponse;

/** What to tell a user when the hub refuses: what is wrong, and what to do about it. */
final class Refusals {

    private static final int RANGE_NOT_SATISFIABLE = 416;
    private static final int MESSAGE_LIMIT = 200;

    private final HubConfig config;
    private final HubHttp http;
    private final Repository repository;

    Refusals(HubConfig config, HubHttp http, Repository repository) {
        this.config = config;
        this.http = http;
        this.repository = repository;
    }

    /**
     * Lets good answers pass, and that a range lies behind the end, which the caller deals with.
     *
     * @param what was asked for: a file's name
     * @throws HubException for any other answer
     */
    void check(HttpResponse<?> response, String what) {
        int status = response.statusCode();
        // A redirect comes this far only where it is the answer to HEAD.
        if (status < 400 || status == RANGE_NOT_SATISFIABLE) {
            return;
        }
        if (!http.isHub(response.uri())) {
            throw new HubException("%s, where the hub keeps %s of %s, answered %d%s"
                    .formatted(HubHttp.origin(response.uri()), what, repository.name(), status, explanation(response)));
        }
        throw new HubException(
                switch (code(response)) {
                    case "GatedRepo" -> gated();
                    case "RevisionNotFound" -> noRevision();
                    case "EntryNotFound" -> "%s has no file %s".formatted(repository, what);
                    case "RepoNotFound" -> noRepository();
                    default -> unnamed(response, what);
                });
    }

    private String unnamed(HttpResponse<?> response, String what) {
        int status = response.statusCode();
        return switch (status) {
            case 401, 404 -> noRepository();
            case 403 -> gated();
            default ->
                "%s answered %d to the request for %s of %s%s"
                        .formatted(config.endpoint(), status, what, repository, explanation(response));
        };
    }

    private String gated() {
        String page = config.endpoint() + "/" + repository.name();
        return config.token().isPresent()
                ? ("%s is gated, and the token's account may not read it: accept its licence at %s with that account,"
                                + " and see that the token may read gated repositories")
                        .formatted(repository.name(), page)
                : "%s is gated: accept its licence at %s and set HF_TOKEN to a token of the account you did it with"
                        .formatted(repository.name(), page);
    }

    private String noRevision() {
        return "%s has no revision %s: its branches and tags are listed at %s/%s/tree/main"
                .formatted(repository.name(), repository.revision(), config.endpoint(), repository.name());
    }

    /** The hub doesn't tell strangers whether a private repository exists. */
    private String noRepository() {
        String hint = config.token().isPresent()
                ? "or the token in use is not valid or may not see it"
                : "or it is private or gated, and needs HF_TOKEN set to a token of an account that may read it";
        return "there is no folder %s here, and no such model at %s, %s"
                .formatted(repository.name(), config.endpoint(), hint);
    }

    private static String code(HttpResponse<?> response) {
        return response.headers().firstValue("X-Error-Code").orElse("");
    }

    private static String explanation(HttpResponse<?> response) {
        String text = response.headers()
                .firstValue("X-Error-Message")
                .orElse("")
                .replaceAll("\\p{Cntrl}", " ")
                .strip();
        return text.isEmpty() ? "" : ": " + text.substring(0, Math.min(text.length(), MESSAGE_LIMIT));
    }
}
