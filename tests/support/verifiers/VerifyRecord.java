/*
 * Verify the signatures of records with the JDK alone: its own XML parser and XMLDSig, no line of libxml2.
 *
 * java VerifyRecord.java SLOT=XPATH... < list of files, one a line
 *
 * XPATH names the element in which the slot's Signature stands. For each file and slot one line is printed:
 * file, slot, "valid" or "invalid", reason; with tabs between. References and signature value are checked
 * against the one certificate in KeyInfo. Whether that certificate is to be believed is another matter.
 */

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.xml.XMLConstants;
import javax.xml.crypto.KeySelector;
import javax.xml.crypto.dsig.Reference;
import javax.xml.crypto.dsig.XMLSignature;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

public final class VerifyRecord {
    private static final String DSIG = XMLSignature.XMLNS;
    private static final XMLSignatureFactory SIGNATURES = XMLSignatureFactory.getInstance("DOM");
    private static final XPath XPATH = XPathFactory.newInstance().newXPath();

    private VerifyRecord() {}

    /** What is wrong with a signature, in the words of the code that found it. */
    private static final class Invalid extends Exception {
        Invalid(String reason) {
            super(reason);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, String> slots = new LinkedHashMap<>();
        for (String argument : arguments) {
            int cut = argument.indexOf('=');
            slots.put(argument.substring(0, cut), argument.substring(cut + 1));
        }
        DocumentBuilder parser = parser();
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        BufferedReader files = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String file = files.readLine(); file != null; file = files.readLine()) {
            for (Map.Entry<String, String> slot : slots.entrySet()) {
                String reason = problem(parser, Path.of(file), slot.getValue());
                String verdict = reason.isEmpty() ? "valid" : "invalid";
                out.println(String.join("\t", file, slot.getKey(), verdict, reason.replaceAll("\\s+", " ")));
            }
        }
        out.flush();
    }

    private static DocumentBuilder parser() throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setExpandEntityReferences(false);
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        DocumentBuilder parser = factory.newDocumentBuilder();
        parser.setErrorHandler(null);
        return parser;
    }

    /** Return what is wrong with the signature of one slot, empty when it holds. */
    private static String problem(DocumentBuilder parser, Path file, String slot) {
        try {
            // Parsed again for each slot: validating leaves marks in the document.
            Document document = parser.parse(new ByteArrayInputStream(Files.readAllBytes(file)));
            verify(only((NodeList) XPATH.evaluate(slot, document, XPathConstants.NODESET), slot));
            return "";
        } catch (SAXException | IOException error) {
            return "not read: " + error.getMessage();
        } catch (Exception error) {
            return error.getClass().getSimpleName() + ": " + error.getMessage();
        }
    }

    private static void verify(Element slot) throws Exception {
        Element signature = only(slot.getElementsByTagNameNS(DSIG, "Signature"), "Signature");
        if (signature.getParentNode() != slot) {
            throw new Invalid("the Signature does not stand in its slot");
        }
        DOMValidateContext context =
                new DOMValidateContext(KeySelector.singletonKeySelector(certificate(signature).getPublicKey()), signature);
        context.setProperty("org.jcp.xml.dsig.secureValidation", Boolean.TRUE);
        NodeList references = signature.getElementsByTagNameNS(DSIG, "Reference");
        for (int number = 0; number < references.getLength(); number++) {
            markId(context, signature.getOwnerDocument(), ((Element) references.item(number)).getAttribute("URI"));
        }
        XMLSignature found = SIGNATURES.unmarshalXMLSignature(context);
        for (Object reference : found.getSignedInfo().getReferences()) {
            if (!((Reference) reference).validate(context)) {
                throw new Invalid("digest of " + ((Reference) reference).getURI());
            }
        }
        if (!found.getSignatureValue().validate(context)) {
            throw new Invalid("signature value");
        }
        if (!found.validate(context)) {
            throw new Invalid("the whole");
        }
    }

    /** Tell the context which element a reference names: without a DTD no attribute is an ID by itself. */
    private static void markId(DOMValidateContext context, Document document, String uri) throws Invalid {
        if (!uri.startsWith("#")) {
            throw new Invalid("reference to " + uri);
        }
        NodeList all = document.getElementsByTagName("*");
        Element named = null;
        for (int number = 0; number < all.getLength(); number++) {
            Element element = (Element) all.item(number);
            if (element.getAttribute("Id").equals(uri.substring(1))) {
                if (named != null) {
                    throw new Invalid("two elements have the Id " + uri);
                }
                named = element;
            }
        }
        if (named == null) {
            throw new Invalid("no element has the Id " + uri);
        }
        context.setIdAttributeNS(named, null, "Id");
    }

    private static X509Certificate certificate(Element signature) throws Exception {
        Element text = only(signature.getElementsByTagNameNS(DSIG, "X509Certificate"), "X509Certificate");
        byte[] der = Base64.getMimeDecoder().decode(text.getTextContent());
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    private static Element only(NodeList found, String what) throws Invalid {
        if (found.getLength() != 1) {
            throw new Invalid(found.getLength() + " of " + what);
        }
        return (Element) found.item(0);
    }
}
