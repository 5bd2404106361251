using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Payments.Infrastructure.Configuration;

namespace Payments.Infrastructure.Telemetry;

public static class TelemetryRegistration
{
    /// <summary>Exports our own, ASP.NET Core's, HttpClient's and Npgsql's meters and spans over OTLP; without settings nothing is collected at all.</summary>
    /// <param name="maskPath">Turns a path into one that may be written down.</param>
    public static IServiceCollection AddTelemetry(this IServiceCollection services, TelemetrySettings? settings, Func<string, string> maskPath)
    {
        if (settings is not null)
        {
            // The framework describes its spans only when asked to; there is no instrumentation package that would.
            AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
            services.AddHostedService(_ => new TelemetryExport(settings, maskPath));
        }

        return services;
    }
}

/// <summary>Collects and exports while the host runs, and sends the rest when it stops.</summary>
internal sealed class TelemetryExport(TelemetrySettings settings, Func<string, string> maskPath) : IHostedService, IDisposable
{
    private static readonly string[] Sources = ["Payments.*", "Microsoft.AspNetCore", "System.Net.Http", "Npgsql"];

    private static readonly string[] Meters =
    [
        "Payments.*", "Npgsql", "System.Net.Http", "System.Runtime",
        "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Routing", "Microsoft.AspNetCore.Diagnostics",
        "Microsoft.AspNetCore.RateLimiting", "Microsoft.AspNetCore.Server.Kestrel",
    ];

    private MeterProvider? meters;
    private TracerProvider? traces;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var resource = ResourceBuilder.CreateDefault().AddService("payments");
        traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource(Sources)
            // Before the exporter, which is a processor too.
            .AddProcessor(new MaskedSpans(maskPath))
            .AddOtlpExporter(otlp => Configure(otlp, "v1/traces"))
            .Build();
        meters = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(Meters)
            .AddOtlpExporter(otlp => Configure(otlp, "v1/metrics"))
            .Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        traces?.Dispose();
        meters?.Dispose();
        traces = null;
        meters = null;
    }

    private void Configure(OtlpExporterOptions otlp, string path)
    {
        otlp.Protocol = settings.OverHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        otlp.Endpoint = settings.OverHttp ? new Uri($"{settings.Endpoint.ToString().TrimEnd('/')}/{path}") : settings.Endpoint;
        otlp.Headers = settings.Headers;
    }
}

/// <summary>Takes secret parts of paths out of spans before they leave: the framework writes raw paths into them.</summary>
internal sealed class MaskedSpans(Func<string, string> maskPath) : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        foreach (var (name, value) in data.TagObjects.ToList())
        {
            if (value is string text && text.Contains('/', StringComparison.Ordinal) && maskPath(text) is var masked && masked != text)
            {
                data.SetTag(name, masked);
            }
        }

        data.DisplayName = maskPath(data.DisplayName);
    }
}
