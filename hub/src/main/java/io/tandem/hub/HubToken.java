package io.tandem.hub;

import java.util.regex.Pattern;

/** A user's access token, which no message and no log shows. */
final class HubToken {

    /** What can stand in a header. Checked here, as the HTTP client's own complaint would quote the token. */
    private static final Pattern SENDABLE = Pattern.compile("[\\x21-\\x7e]+");

    private final String secret;

    private HubToken(String secret) {
        this.secret = secret;
    }

    /**
     * @param origin the variable or file that the token comes from, for the message
     * @throws HubException if the text can't be sent
     */
    static HubToken of(String secret, String origin) {
        if (!SENDABLE.matcher(secret).matches()) {
            throw new HubException("the token in " + origin + " has characters that no token has, such as blanks");
        }
        return new HubToken(secret);
    }

    /** The value of the header Authorization. */
    String authorization() {
        return "Bearer " + secret;
    }

    @Override
    public String toString() {
        return "HubToken[hidden]";
    }
}
