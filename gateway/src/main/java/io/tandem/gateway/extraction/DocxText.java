package io.tandem.gateway.extraction;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.Enumeration;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * The text of Word documents (ECMA-376, WordprocessingML), read as a stream: paragraphs, tables, notes. What was deleted, or is the
 * second form of something, is left out.
 */
final class DocxText {

    private static final int MAX_ENTRIES = 10_000;
    private static final String MAIN_PART = "word/document.xml";
    private static final String[] NOTES = {"word/footnotes.xml", "word/endnotes.xml"};

    private DocxText() {}

    static void read(File file, TextCollector text) throws IOException, UnreadableException {
        try (ZipFile archive = new ZipFile(file)) {
            if (archive.size() > MAX_ENTRIES) {
                throw new UnreadableException(
                        "is an archive with %,d entries, limit %,d".formatted(archive.size(), MAX_ENTRIES));
            }
            if (archive.getEntry("EncryptedPackage") != null) {
                throw new UnreadableException("is an encrypted document; remove its password first");
            }
            ZipEntry main = main(archive)
                    .orElseThrow(
                            () -> new UnreadableException("is an archive but no DOCX; of archives, only DOCX is read"));
            part(archive, main, text);
            for (String notes : NOTES) {
                ZipEntry entry = archive.getEntry(notes);
                if (entry != null) {
                    text.append("\n");
                    part(archive, entry, text);
                }
            }
        } catch (XMLStreamException malformed) {
            if (malformed.getNestedException() instanceof TextCollector.FullException full) {
                throw full;
            }
            throw new UnreadableException("is a DOCX whose content is malformed");
        }
    }

    /** Word's own name for it, or the one that some other programs give it. */
    private static Optional<ZipEntry> main(ZipFile archive) {
        ZipEntry usual = archive.getEntry(MAIN_PART);
        if (usual != null) {
            return Optional.of(usual);
        }
        Enumeration<? extends ZipEntry> entries = archive.entries();
        while (entries.hasMoreElements()) {
            ZipEntry entry = entries.nextElement();
            if (entry.getName().matches("word/document\\d*\\.xml")) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    private static void part(ZipFile archive, ZipEntry entry, TextCollector text)
            throws IOException, XMLStreamException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        // No document of Word declares entities, which expand without bound or name files.
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        try (InputStream bytes = archive.getInputStream(entry)) {
            XMLStreamReader reader = factory.createXMLStreamReader(bytes);
            boolean inText = false;
            while (reader.hasNext()) {
                switch (reader.next()) {
                    case XMLStreamConstants.START_ELEMENT -> {
                        String name = reader.getLocalName();
                        if (name.equals("Fallback") || name.equals("del") || name.equals("moveFrom")) {
                            skip(reader);
                        } else {
                            inText = name.equals("t");
                            text.append(before(name, reader));
                        }
                    }
                    case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
                        if (inText) {
                            text.append(reader.getText());
                        }
                    }
                    case XMLStreamConstants.END_ELEMENT -> {
                        inText = false;
                        text.append(after(reader.getLocalName()));
                    }
                    default -> {
                        // Comments and the like are no text.
                    }
                }
            }
            reader.close();
        }
    }

    private static String before(String element, XMLStreamReader reader) {
        return switch (element) {
            // In the properties of a paragraph, w:tab is a stop, not a character; those have a position.
            case "tab" -> reader.getAttributeCount() == 0 ? "\t" : "";
            case "br", "cr" -> "\n";
            case "noBreakHyphen" -> "-";
            default -> "";
        };
    }

    private static String after(String element) {
        return switch (element) {
            case "p" -> "\n\n";
            case "tr" -> "\n";
            default -> "";
        };
    }

    private static void skip(XMLStreamReader reader) throws XMLStreamException {
        int depth = 1;
        while (depth > 0) {
            int event = reader.next();
            if (event == XMLStreamConstants.START_ELEMENT) {
                depth++;
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                depth--;
            }
        }
    }
}
