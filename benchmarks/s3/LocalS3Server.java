import java.net.URI;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;

/**
 * An S3 server on loopback with its objects in memory and one bucket, {@code data}. Prints its endpoint and runs until its standard input ends. Started
 * from its source: java LocalS3Server.java.
 */
public final class LocalS3Server {
  private LocalS3Server() {}

  /** Serves S3. */
  public static void main(String[] args) throws Exception {
    TransientNio2BlobStore objects = new TransientNio2BlobStore();
    objects.createContainer("data");
    S3Proxy server = S3Proxy.builder()
        .blobStore(objects)
        .endpoint(URI.create("http://127.0.0.1:0"))
        .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, "local", "local-secret")
        .ignoreUnknownHeaders(true)
        .build();
    server.start();
    System.out.println("http://127.0.0.1:" + server.getPort());
    System.out.flush();
    while (System.in.read() >= 0) {
      // Nothing is said to a server; the end of its input is what it waits for.
    }
    System.exit(0);
  }
}
