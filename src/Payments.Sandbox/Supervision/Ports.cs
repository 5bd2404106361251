using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Payments.Sandbox.Supervision;

internal static class Ports
{
    /// <summary>A port that was free a moment ago.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The port asked for, or a free one for 0.</summary>
    /// <exception cref="SandboxException">It is taken.</exception>
    public static int Claim(int port, string whose)
    {
        if (port == 0)
        {
            return Free();
        }

        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return port;
        }
        catch (SocketException refused)
        {
            var number = port.ToString(CultureInfo.InvariantCulture);
            throw new SandboxException(
                refused.SocketErrorCode == SocketError.AccessDenied
                    ? $"Port {number} ({whose}) needs root. Take one above 1023."
                    : $"Port {number} ({whose}) is taken by another program. Stop that, or let ./run pick free ports: ./run --port 0",
                refused);
        }
    }
}
