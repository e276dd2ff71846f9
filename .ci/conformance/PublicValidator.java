import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.net.URI;
import java.util.List;
import org.oneedtech.inspect.core.Inspector.Behavior;
import org.oneedtech.inspect.core.probe.Outcome;
import org.oneedtech.inspect.core.report.Report;
import org.oneedtech.inspect.core.report.ReportItem;
import org.oneedtech.inspect.core.report.ReportItems;
import org.oneedtech.inspect.util.resource.UriResource;
import org.oneedtech.inspect.vc.BitstringStatusListCredentialInspector;
import org.oneedtech.inspect.vc.OB20Inspector;
import org.oneedtech.inspect.vc.OB30Inspector;
import org.oneedtech.inspect.vc.VCInspector;

/**
 * Has 1EdTech's public validator, module inspector-vc, judge badges; it must be on the class path.
 * Reads [{"name", "kind": "2.0|3.0|list", "url"}] and writes [{"name", "outcome", "messages": [text]}].
 */
public class PublicValidator {
  public static void main(String[] args) throws Exception {
    PrintStream out = System.out;
    System.setOut(System.err); // some probes talk
    ObjectMapper mapper = new ObjectMapper();
    ArrayNode reports = mapper.createArrayNode();
    for (JsonNode job : mapper.readTree(System.in)) {
      ObjectNode report = reports.addObject().put("name", job.get("name").asText());
      judge(job, report, report.putArray("messages"));
    }
    out.print(mapper.writeValueAsString(reports));
    out.flush();
  }

  private static void judge(JsonNode job, ObjectNode report, ArrayNode messages) {
    try {
      Report found = inspector(job.get("kind").asText()).run(new UriResource(new URI(job.get("url").asText())));
      report.put("outcome", found.getOutcome().name());
      for (ReportItem item : found) {
        if (new ReportItems(List.of(item)).contains(Outcome.WARNING, Outcome.ERROR, Outcome.FATAL, Outcome.EXCEPTION)) {
          messages.add(item.getMessage());
        }
      }
    } catch (Throwable error) { // of whatever kind: the validator fell over its input
      report.put("outcome", "CRASH");
      messages.add(error.toString());
    }
  }

  private static VCInspector inspector(String kind) {
    switch (kind) {
      case "2.0":
        return new OB20Inspector.Builder().set(Behavior.VALIDATOR_FAIL_FAST, false).build();
      case "list":
        return new BitstringStatusListCredentialInspector.Builder().set(Behavior.VALIDATOR_FAIL_FAST, false).build();
      default:
        return new OB30Inspector.Builder().set(Behavior.VALIDATOR_FAIL_FAST, false).build();
    }
  }
}
