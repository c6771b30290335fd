package io.tandem.gateway.extraction;

import java.io.File;
import java.io.IOException;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.io.IOUtils;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.encryption.InvalidPasswordException;
import org.apache.pdfbox.text.PDFTextStripper;

/** The text layer of PDFs, page by page; nothing is recognized in scanned pages. */
final class PdfText {

    private PdfText() {}

    static void read(File file, TextCollector text, ExtractionLimits limits) throws IOException, UnreadableException {
        try (PDDocument document = Loader.loadPDF(file, "", IOUtils.createTempFileOnlyStreamCache())) {
            if (!document.getCurrentAccessPermission().canExtractContent()) {
                throw new UnreadableException("is a PDF whose author does not allow to take its text out");
            }
            if (document.getNumberOfPages() > limits.maxPages()) {
                throw limits.tooManyPages(document.getNumberOfPages());
            }
            PDFTextStripper stripper = new PDFTextStripper();
            stripper.setSortByPosition(false);
            stripper.setLineSeparator("\n");
            stripper.setParagraphEnd("\n");
            stripper.setPageEnd("\n");
            stripper.writeText(document, text);
        } catch (InvalidPasswordException encrypted) {
            throw new UnreadableException("is an encrypted PDF; remove its password first");
        }
        if (text.text().isEmpty()) {
            throw new UnreadableException(
                    "is a PDF without a text layer, such as a scan; have its text recognized first, or send its pages as pictures");
        }
    }
}
