// Pulls a dataset from an exchange hub and proves it: one file, no library, JDK 17 or later.
//
//   export HUB=http://127.0.0.1:8000 KEY_ID=1-2 SIGN_KEY=consumer.pem
//   java Consume.java administrative_penalty [fingerprint of the hub's key]
//
// Every request is signed (RFC 9421). Of every entry the digest is checked and the leaf computed; the
// root of all leaves (RFC 9162) must be that of the hub's signed checkpoint.

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class Consume {
    static final String HUB = System.getenv("HUB");
    static final String KEY_ID = System.getenv("KEY_ID");
    static final int LIMIT = 5000;
    static final SecureRandom RANDOM = new SecureRandom();
    static final HttpClient CLIENT =
        HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    static PrivateKey signKey;

    public static void main(String[] arguments) throws Exception {
        String dataset = arguments[0];
        signKey = privateKey(Files.readString(Path.of(System.getenv("SIGN_KEY"))));
        String base = "/exchange/v1/datasets/" + dataset;

        // 1. What the hub has signed: size and root. Its keys may be newer than the checkpoint, not older.
        String note = text(get(base + "/checkpoint"));
        List<byte[]> keys = hubKeys(text(get("/exchange/v1/keys")), arguments);
        String[] signed = verified(note, keys).split("\n");
        long size = Long.parseLong(signed[1]);

        // 2. All entries up to there. Here they are only counted; store them with the number of the last
        //    one in one transaction, and go on from it the next time.
        Tree tree = new Tree();
        long upserts = 0;
        while (tree.size < size) {
            long limit = Math.min(LIMIT, size - tree.size);
            String page = text(get(base + "/entries?after=" + tree.size + "&limit=" + limit));
            for (String line : page.split("\n")) {
                Entry entry = new Entry(line);
                check(entry.seq == tree.size + 1, "entry " + (tree.size + 1) + " is missing");
                tree.add(entry.leaf());
                upserts += entry.operation.equals("upsert") ? 1 : 0;
            }
        }

        // 3. They are what the hub has signed, or nothing of them counts.
        String root = Base64.getEncoder().encodeToString(tree.root());
        check(root.equals(signed[2]), "these entries are not what the hub has signed");
        System.out.println(size + " entries, " + upserts + " upserts, root " + root);
    }

    // --- one entry: a line of NDJSON -----------------------------------------------------------

    static class Entry {
        static final String RECORD = ",\"record\":"; // can't stand inside a JSON string
        final long seq;
        final String operation;
        final String line;
        final String head;
        final String record; // its exact text: that is what was hashed; null where there is none

        Entry(String line) throws Exception {
            int at = line.indexOf(RECORD);
            this.line = line;
            this.head = at < 0 ? line : line.substring(0, at) + "}";
            this.record = at < 0 ? null : line.substring(at + RECORD.length(), line.length() - 1);
            Matcher number = Pattern.compile("^\\{\"seq\":(\\d+),").matcher(line);
            check(number.find(), "this is no entry: " + line);
            this.seq = Long.parseLong(number.group(1));
            this.operation = member("operation");
            if (record != null) {
                check(hex(sha256(record)).equals(member("digest")), "entry " + seq + ": digest");
            }
        }

        byte[] leaf() throws Exception {
            boolean erased = operation.equals("erased"); // its content is gone by law, its leaf stays
            String commitment = erased
                ? member("commitment")
                : hex(sha256(member("salt") + "\n" + member("key") + "\n" + (record == null ? "" : record)));
            String input = String.join("\n", Long.toString(seq), erased ? member("was") : operation,
                member("recorded_at"), member("standard"), commitment);
            return sha256(new byte[] {0}, input.getBytes(StandardCharsets.UTF_8));
        }

        // A string member of the head, unescaped: all that has to be known of JSON here.
        String member(String name) throws Exception {
            String mark = ",\"" + name + "\":\"";
            int at = head.indexOf(mark);
            check(at >= 0, "entry " + seq + " has no " + name);
            StringBuilder found = new StringBuilder();
            for (int i = at + mark.length(); head.charAt(i) != '"'; i++) {
                char c = head.charAt(i);
                if (c != '\\') {
                    found.append(c);
                    continue;
                }
                c = head.charAt(++i);
                int plain = "btnfr".indexOf(c);
                if (c == 'u') {
                    found.append((char) Integer.parseInt(head.substring(i + 1, i + 5), 16));
                    i += 4;
                } else {
                    found.append(plain < 0 ? c : "\b\t\n\f\r".charAt(plain));
                }
            }
            return found.toString();
        }
    }

    // --- the tree of RFC 9162: whole subtrees on a stack, the largest at its bottom -----------------

    static class Tree {
        final Deque<byte[]> nodes = new ArrayDeque<>();
        long size = 0;

        void add(byte[] leaf) throws Exception {
            byte[] node = leaf;
            for (long left = size; (left & 1) == 1; left >>= 1) {
                node = sha256(new byte[] {1}, nodes.pop(), node);
            }
            nodes.push(node);
            size++;
        }

        byte[] root() throws Exception {
            byte[] root = null;
            for (byte[] node : nodes) { // the smallest first
                root = root == null ? node : sha256(new byte[] {1}, node, root);
            }
            return root == null ? sha256("") : root;
        }
    }

    // --- the hub's keys and its checkpoint (a C2SP signed note) ----------------------------------------

    static List<byte[]> hubKeys(String json, String[] arguments) throws Exception {
        List<byte[]> found = new ArrayList<>();
        Matcher keys = Pattern.compile("\"public_key\":\\s*\"([^\"]+)\"").matcher(json);
        while (keys.find()) {
            byte[] key = Base64.getDecoder().decode(keys.group(1));
            boolean believed = arguments.length < 2 || hex(sha256(new byte[0], key)).equals(arguments[1]);
            if (key.length == 32 && believed) { // Ed25519; those of SM2 have 65 bytes
                found.add(key);
            }
        }
        return found;
    }

    static String verified(String note, List<byte[]> keys) throws Exception {
        int end = note.lastIndexOf("\n\n");
        String signed = note.substring(0, end + 1);
        for (String line : note.substring(end + 2).split("\n")) {
            String[] parts = line.split(" "); // — name base64(4 bytes of the key's id + signature)
            byte[] raw = Base64.getDecoder().decode(parts[2]);
            for (byte[] key : keys) {
                byte[] id = sha256((parts[1] + "\n").getBytes(StandardCharsets.UTF_8), new byte[] {1}, key);
                boolean names = Arrays.equals(id, 0, 4, raw, 0, 4) && parts[1].equals(note.split("\n")[0]);
                if (names && isSigned(key, signed, Arrays.copyOfRange(raw, 4, raw.length))) {
                    return signed;
                }
            }
        }
        throw new IllegalStateException("the checkpoint isn't signed by a key of the hub");
    }

    static boolean isSigned(byte[] key, String text, byte[] signature) throws Exception {
        byte[] der = HexFormat.of().parseHex("302a300506032b6570032100" + hex(key)); // RFC 8410
        Signature check = Signature.getInstance("Ed25519");
        check.initVerify(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der)));
        check.update(text.getBytes(StandardCharsets.UTF_8));
        return check.verify(signature);
    }

    // --- signed requests (RFC 9421) ------------------------------------------------------------------

    static byte[] get(String target) throws Exception {
        URI uri = URI.create(HUB + target);
        byte[] nonce = new byte[18];
        RANDOM.nextBytes(nonce);
        String parameters = "(\"@method\" \"@authority\" \"@path\" \"@query\");created="
            + Instant.now().getEpochSecond() + ";keyid=\"" + KEY_ID + "\";alg=\"ed25519\";nonce=\""
            + Base64.getUrlEncoder().withoutPadding().encodeToString(nonce) + "\";tag=\"exchange\"";
        String base = "\"@method\": GET\n"
            + "\"@authority\": " + uri.getAuthority() + "\n"
            + "\"@path\": " + uri.getRawPath() + "\n"
            + "\"@query\": ?" + (uri.getRawQuery() == null ? "" : uri.getRawQuery()) + "\n"
            + "\"@signature-params\": " + parameters;
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(signKey);
        signer.update(base.getBytes(StandardCharsets.UTF_8));
        HttpRequest request = HttpRequest.newBuilder(uri)
            .timeout(Duration.ofMinutes(2))
            .header("Signature-Input", "hub=" + parameters)
            .header("Signature", "hub=:" + Base64.getEncoder().encodeToString(signer.sign()) + ":")
            .build();
        HttpResponse<byte[]> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofByteArray());
        check(response.statusCode() == 200, target + ": " + response.statusCode() + " " + text(response.body()));
        return response.body();
    }

    static PrivateKey privateKey(String pem) throws Exception {
        String body = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(body));
        return KeyFactory.getInstance("Ed25519").generatePrivate(spec);
    }

    // --- small things ----------------------------------------------------------------------------------

    static byte[] sha256(byte[]... parts) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    static byte[] sha256(String text) throws Exception {
        return sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static void check(boolean right, String otherwise) {
        if (!right) {
            throw new IllegalStateException(otherwise);
        }
    }
}
