using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Npgsql;

namespace Payments.Infrastructure.Configuration;

/// <summary>
/// Translates <c>postgres://user:password@host:port/database?sslmode=require</c>, as libpq and hosting providers write it,
/// into what Npgsql reads. Npgsql's own keyword form (<c>Host=…;Database=…</c>) passes through.
/// </summary>
internal static class PostgresUrl
{
    public const string Wants = "postgres://user:password@host:port/database (sslmode, sslrootcert, sslcert, sslkey, application_name, connect_timeout, options, channel_binding, target_session_attrs and host are understood as parameters), or Npgsql's Host=…;Database=…";
    public const string Example = "postgres://payments:secret@localhost:5432/payments?sslmode=require";

    private static readonly string[] Schemes = ["postgres://", "postgresql://"];

    /// <param name="problem">What is wrong; never quotes the text, which may hold a password.</param>
    public static bool TryRead(string text, [NotNullWhen(true)] out NpgsqlConnectionStringBuilder? builder, [NotNullWhen(false)] out string? problem)
    {
        builder = null;
        try
        {
            var scheme = Schemes.FirstOrDefault(scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));
            var read = scheme is null ? new NpgsqlConnectionStringBuilder(text) : FromUrl(text[scheme.Length..]);
            problem = string.IsNullOrEmpty(read.Host) ? "no host" : string.IsNullOrEmpty(read.Database) ? "no database" : null;
            builder = problem is null ? read : null;
        }
        catch (FormatException error)
        {
            problem = error.Message;
        }
        catch (Exception error) when (error is ArgumentException or KeyNotFoundException or InvalidCastException or OverflowException)
        {
            // Npgsql's own messages may quote the value.
            problem = "unreadable";
        }

        return builder is not null;
    }

    // Not System.Uri: it knows neither several hosts nor a folder as host, and it rejects passwords that libpq accepts.
    private static NpgsqlConnectionStringBuilder FromUrl(string rest)
    {
        var builder = new NpgsqlConnectionStringBuilder();
        var (beforeQuery, query) = Split(rest, rest.IndexOf('?', StringComparison.Ordinal));
        var (authority, database) = Split(beforeQuery, beforeQuery.IndexOf('/', StringComparison.Ordinal));
        var at = authority.LastIndexOf('@');
        var hosts = at < 0 ? authority : authority[(at + 1)..];
        if (at >= 0)
        {
            var (user, password) = Split(authority[..at], authority.IndexOf(':', StringComparison.Ordinal) is var colon && colon < at ? colon : -1);
            builder.Username = Decoded(user);
            builder.Password = password is null ? null : Decoded(password);
        }

        if (hosts.Length > 0)
        {
            SetHosts(builder, hosts);
        }

        if (!string.IsNullOrEmpty(database))
        {
            builder.Database = Decoded(database);
        }

        foreach (var pair in (query ?? "").Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Split(pair, pair.IndexOf('=', StringComparison.Ordinal));
            SetParameter(builder, Decoded(name), Decoded(value ?? ""));
        }

        return builder;
    }

    private static void SetHosts(NpgsqlConnectionStringBuilder builder, string hosts)
    {
        if (hosts.Contains(',', StringComparison.Ordinal))
        {
            builder.Host = Decoded(hosts);
            return;
        }

        // [::1]:5432, host:5432, host, %2Fvar%2Frun%2Fpostgresql
        var colon = hosts.LastIndexOf(':');
        var hasPort = colon >= 0 && colon > hosts.LastIndexOf(']');
        builder.Host = Decoded(hasPort ? hosts[..colon] : hosts).Trim('[', ']');
        if (hasPort)
        {
            builder.Port = Port(hosts[(colon + 1)..]);
        }
    }

    private static void SetParameter(NpgsqlConnectionStringBuilder builder, string name, string value)
    {
        switch (name.ToLowerInvariant())
        {
            case "sslmode":
                builder.SslMode = value.ToLowerInvariant() switch
                {
                    "disable" => SslMode.Disable,
                    "allow" => SslMode.Allow,
                    "prefer" => SslMode.Prefer,
                    "require" => SslMode.Require,
                    "verify-ca" => SslMode.VerifyCA,
                    "verify-full" => SslMode.VerifyFull,
                    _ => throw new FormatException("sslmode is disable, allow, prefer, require, verify-ca or verify-full"),
                };
                break;
            case "sslrootcert":
                builder.RootCertificate = value;
                break;
            case "sslcert":
                builder.SslCertificate = value;
                break;
            case "sslkey":
                builder.SslKey = value;
                break;
            case "application_name":
                builder.ApplicationName = value;
                break;
            case "connect_timeout":
                builder.Timeout = Whole(value);
                break;
            case "options":
                builder.Options = value;
                break;
            case "channel_binding":
                builder.ChannelBinding = Enum.TryParse<ChannelBinding>(value, ignoreCase: true, out var binding)
                    ? binding
                    : throw new FormatException("channel_binding is disable, prefer or require");
                break;
            case "target_session_attrs":
                builder.TargetSessionAttributes = value;
                break;
            case "host":
                builder.Host = value;
                break;
            case "port":
                builder.Port = Port(value);
                break;
            case "user":
                builder.Username = value;
                break;
            case "password":
                builder.Password = value;
                break;
            case "dbname":
                builder.Database = value;
                break;
            default:
                // Not named: an unescaped ? in a password would make its rest look like a parameter.
                throw new FormatException("a parameter is not understood");
        }
    }

    private static (string Before, string? After) Split(string text, int at) => at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);

    private static string Decoded(string text) => Uri.UnescapeDataString(text);

    private static int Port(string text) => Whole(text) is > 0 and <= 65535 and var port ? port : throw new FormatException("a port is 1 to 65535");

    private static int Whole(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new FormatException("a port or a timeout is no whole number");
}
