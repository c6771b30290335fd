package io.tandem.gateway.extraction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.cos.COSStream;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.encryption.AccessPermission;
import org.apache.pdfbox.pdmodel.encryption.StandardProtectionPolicy;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts;
import org.apache.poi.xwpf.usermodel.XWPFDocument;
import org.apache.poi.xwpf.usermodel.XWPFTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Documents as their programs write them, and some that nobody should open. */
@Timeout(120)
class TextExtractorTest {

    private static final ExtractionLimits LIMITS =
            new ExtractionLimits(2, Duration.ofSeconds(60), 96 << 20, 20, 20_000);

    @TempDir
    Path folder;

    @Test
    void pdf() throws Exception {
        assertEquals(
                "The first page.\nSecond line.\n\nThe second page.",
                text(pdf(List.of("The first page.", "Second line."), List.of("The second page.")))
                        .replaceAll("\n{3,}", "\n\n"));
    }

    @Test
    void docx() throws Exception {
        Path file = folder.resolve("a.docx");
        try (XWPFDocument document = new XWPFDocument();
                OutputStream out = Files.newOutputStream(file)) {
            document.createParagraph().createRun().setText("Lemon cake, für 9 Personen.");
            var run = document.createParagraph().createRun();
            run.setText("Oven:");
            run.addTab();
            run.setText("170");
            run.addBreak();
            run.setText("degrees");
            XWPFTable table = document.createTable(1, 2);
            table.getRow(0).getCell(0).setText("salt");
            table.getRow(0).getCell(1).setText("a pinch");
            document.write(out);
        }
        assertEquals("Lemon cake, für 9 Personen.\n\nOven:\t170\ndegrees\n\nsalt\n\na pinch", text(file));
    }

    @Test
    void html() throws Exception {
        String page = """
                <!DOCTYPE html><html><head><title>A title</title><style>p {color: red}</style></head>
                <body><script>alert(1)</script><h1>Heading</h1><p>One <b>bold</b>
                word &amp; more.<br>Next line.</p><ul><li>first</li><li>second</li></ul>
                <p hidden>never</p></body></html>""";
        assertEquals(
                "A title\n\nHeading\n\nOne bold word & more.\nNext line.\n\nfirst\nsecond",
                text(file(page.getBytes(StandardCharsets.UTF_8))));
        String latin = "<html><head><meta charset=iso-8859-1></head><body>für</body></html>";
        assertEquals("für", text(file(latin.getBytes(StandardCharsets.ISO_8859_1))));
    }

    @Test
    void plainTextsInTheirCharsets() throws Exception {
        assertEquals("# Märkdown\n", text(file("# Märkdown\n".getBytes(StandardCharsets.UTF_8))));
        assertEquals("für", text(file("\ufefffür".getBytes(StandardCharsets.UTF_8))));
        assertEquals("für", text(file("\ufefffür".getBytes(StandardCharsets.UTF_16LE))));
        assertEquals("für", text(file("\ufefffür".getBytes(StandardCharsets.UTF_16BE))));
        assertUnreadable("neither a text in UTF-8", file("für".getBytes(StandardCharsets.ISO_8859_1)));
        assertUnreadable("holds zero bytes", file(new byte[] {'a', 0, 'b'}));
        assertUnreadable("holds no text", file(" \n ".getBytes(StandardCharsets.UTF_8)));
        assertUnreadable(
                "holds more than 20,000 characters of text; raise tandem.gateway.files.extraction.max-characters",
                file("x".repeat(20_001).getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void pdfsWithoutTextSayWhy() throws Exception {
        assertUnreadable("is a PDF without a text layer", pdf(List.of()));
        Path encrypted = folder.resolve("encrypted.pdf");
        try (PDDocument document = new PDDocument()) {
            document.addPage(new PDPage());
            document.protect(new StandardProtectionPolicy("owner", "user", new AccessPermission()));
            document.save(encrypted.toFile());
        }
        assertUnreadable("is an encrypted PDF", encrypted);
        assertUnreadable("is a damaged file", file("%PDF-1.7 and no more".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aPdfMayNotHaveAnyNumberOfPages() throws Exception {
        Path file = folder.resolve("long.pdf");
        try (PDDocument document = new PDDocument()) {
            for (int i = 0; i < 21; i++) {
                document.addPage(new PDPage());
            }
            document.save(file.toFile());
        }
        assertUnreadable("has 21 pages, limit 20; raise tandem.gateway.files.extraction.max-pages", file);
    }

    /** Three hundred kilobytes that unpack to three hundred megabytes. */
    @Test
    void aPdfMayNotUnpackWithoutEnd() throws Exception {
        Path file = folder.resolve("bomb.pdf");
        try (PDDocument document = new PDDocument()) {
            PDPage page = new PDPage();
            document.addPage(page);
            COSStream content = document.getDocument().createCOSStream();
            try (OutputStream out = content.createOutputStream(COSName.FLATE_DECODE)) {
                byte[] blanks = new byte[1 << 20];
                Arrays.fill(blanks, (byte) ' ');
                for (int i = 0; i < 300; i++) {
                    out.write(blanks);
                }
            }
            page.getCOSObject().setItem(COSName.CONTENTS, content);
            document.save(file.toFile());
        }
        assertTrue(Files.size(file) < 2 << 20);
        assertUnreadable("without a text layer", file);
    }

    @Test
    void nobodyTakesAllOfTheMemory() throws Exception {
        Path page = file(("<!doctype html>" + "<p>".repeat(4_000_000)).getBytes(StandardCharsets.UTF_8));
        assertUnreadable("of memory to read; raise tandem.gateway.files.extraction.memory", page);
    }

    @Test
    void archivesAreNoBombs() throws Exception {
        Path file = folder.resolve("bomb.docx");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.setLevel(Deflater.BEST_COMPRESSION);
            zip.putNextEntry(new ZipEntry("word/document.xml"));
            zip.write("<w:document xmlns:w='w'><w:t>".getBytes(StandardCharsets.UTF_8));
            byte[] text = "x".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 200; i++) {
                zip.write(text);
            }
            zip.write("</w:t></w:document>".getBytes(StandardCharsets.UTF_8));
        }
        assertUnreadable("holds more than 20,000 characters of text", file);
        assertUnreadable("is a DOCX whose content is malformed", docx("""
                <!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><w:t xmlns:w='w'>&b;</w:t>"""));
        assertUnreadable("is a DOCX whose content is malformed", docx("""
                <!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><w:t xmlns:w='w'>&a;</w:t>"""));
        assertUnreadable("is an archive but no DOCX", zip("other.txt", "x"));
    }

    @Test
    void changesThatWereTakenBackAreNotRead() throws Exception {
        assertEquals("kept", text(docx("""
                <w:document xmlns:w='w' xmlns:mc='mc'><w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>\
                <mc:AlternateContent><mc:Choice><w:t>kept</w:t></mc:Choice><mc:Fallback><w:t>kept</w:t></mc:Fallback>\
                </mc:AlternateContent></w:p></w:document>""")));
    }

    @Test
    void nobodyReadsForEver() throws Exception {
        ExtractionLimits hurried = new ExtractionLimits(1, Duration.ofMillis(1), 96 << 20, 20, 20_000);
        UnreadableException late = assertThrows(UnreadableException.class, () -> new TextExtractor(hurried)
                .text(pdf(List.of("Text")), folder.resolve("scratch")));
        assertEquals("could not be read within 1 ms; raise tandem.gateway.files.extraction.timeout", late.getMessage());
        assertFalse(Files.exists(folder.resolve("scratch")));
    }

    @Test
    void kindsAreToldByContent() {
        assertEquals(DocumentFormat.PICTURE, DocumentFormat.of("GIF89a".getBytes(StandardCharsets.UTF_8)));
        assertEquals(DocumentFormat.HTML, DocumentFormat.of("\n<!-- x --> <HTML>".getBytes(StandardCharsets.UTF_8)));
        assertEquals(DocumentFormat.TEXT, DocumentFormat.of("<xml>".getBytes(StandardCharsets.UTF_8)));
        assertEquals(DocumentFormat.TEXT, DocumentFormat.of(new byte[0]));
    }

    private void assertUnreadable(String reason, Path file) {
        UnreadableException refusal = assertThrows(UnreadableException.class, () -> text(file));
        assertTrue(refusal.getMessage().contains(reason), refusal.getMessage());
    }

    private String text(Path file) throws Exception {
        return new TextExtractor(LIMITS)
                .text(file, folder.resolve(UUID.randomUUID().toString()));
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(folder.resolve(UUID.randomUUID().toString()), content);
    }

    private Path docx(String main) throws IOException {
        return zip("word/document.xml", main);
    }

    private Path zip(String name, String content) throws IOException {
        Path file = folder.resolve(UUID.randomUUID().toString());
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content.getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    @SafeVarargs
    private Path pdf(List<String>... pages) throws IOException {
        Path file = folder.resolve(UUID.randomUUID().toString());
        try (PDDocument document = new PDDocument()) {
            for (List<String> lines : pages) {
                PDPage page = new PDPage();
                document.addPage(page);
                try (PDPageContentStream content = new PDPageContentStream(document, page)) {
                    content.beginText();
                    content.setFont(new PDType1Font(Standard14Fonts.FontName.HELVETICA), 12);
                    content.setLeading(14);
                    content.newLineAtOffset(72, 700);
                    for (String line : lines) {
                        content.showText(line);
                        content.newLine();
                    }
                    content.endText();
                }
            }
            document.save(file.toFile());
        }
        return file;
    }
}
