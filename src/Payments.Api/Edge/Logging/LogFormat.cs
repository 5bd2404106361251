using System.Text.Encodings.Web;
using Microsoft.Extensions.Logging.Console;

namespace Payments.Api.Edge.Logging;

/// <summary>Logs are JSON, one line each, in UTC, with trace and user; in production and in the sandbox alike.</summary>
internal static class LogFormat
{
    public static void Configure(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddJsonConsole(console =>
        {
            console.IncludeScopes = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
            // A line is read by people and collectors, never by a browser: quotes and umlauts stay legible.
            console.JsonWriterOptions = new() { Indented = false, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        });
        logging.Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);

        // The framework's request lines hold raw paths, and the path of a webhook may hold its token. For the console
        // by name too, so that no configured level brings them back.
        Silence("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        Silence("Microsoft.AspNetCore.Routing", LogLevel.Warning);
        Silence("Microsoft.AspNetCore.StaticFiles", LogLevel.Warning);
        Silence("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.Warning);
        Silence("Microsoft.AspNetCore.HttpsPolicy", LogLevel.Error);
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        logging.AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Warning);
        // It logs every failed command as an error, also those that are expected (a duplicate, a table that is not there
        // yet). What fails is thrown as well, and logged by whoever does not expect it.
        logging.AddFilter("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.None);
        logging.AddFilter("Microsoft.EntityFrameworkCore.Update", LogLevel.None);
        logging.AddFilter("System.Net.Http", LogLevel.Warning);

        void Silence(string category, LogLevel level)
        {
            logging.AddFilter(category, level);
            logging.AddFilter<ConsoleLoggerProvider>(category, level);
        }
    }
}
