using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace Payments.Api.Edge.Errors;

/// <summary>Writes a problem whatever Accept says: who sent a wrong request still learns why.</summary>
internal static class ProblemWriter
{
    public const string ContentType = "application/problem+json";

    public static async Task WriteAsync(this HttpResponse response, Problem problem, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>(512);
        Write(body, problem, TraceId(response.HttpContext));
        response.StatusCode = problem.Status;
        response.ContentType = ContentType;
        response.ContentLength = body.WrittenCount;
        response.HttpContext.Features.Set(new ProblemFeature(problem));
        if (problem.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        await response.Body.WriteAsync(body.WrittenMemory, cancellationToken);
    }

    /// <summary>What a person quotes to support, and what the logs of this request carry.</summary>
    public static string TraceId(HttpContext context)
    {
        if (Activity.Current is { } span)
        {
            return span.TraceId.ToHexString();
        }

        // What goes straight through has no span of its own: its trace begins with the first that asks for it.
        if (context.Features.Get<TraceFeature>() is not { } trace)
        {
            trace = new TraceFeature((CallersTrace(context.Request)?.TraceId ?? ActivityTraceId.CreateRandom()).ToHexString());
            context.Features.Set(trace);
        }

        return trace.Id;
    }

    /// <summary>The trace that the caller's request belongs to, if it says so.</summary>
    public static ActivityContext? CallersTrace(HttpRequest request) =>
        request.Headers.TraceParent is [{ } parent] && ActivityContext.TryParse(parent, null, isRemote: true, out var remote) ? remote : null;

    private static void Write(IBufferWriter<byte> body, Problem problem, string traceId)
    {
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteString("type"u8, "about:blank"u8);
        json.WriteString("title"u8, ReasonPhrases.GetReasonPhrase(problem.Status));
        json.WriteNumber("status"u8, problem.Status);
        json.WriteString("detail"u8, problem.Detail);
        json.WriteString("code"u8, problem.Code);
        if (problem.Errors is not null)
        {
            json.WriteStartObject("errors"u8);
            foreach (var (field, messages) in problem.Errors)
            {
                json.WriteStartArray(field);
                foreach (var message in messages)
                {
                    json.WriteStringValue(message);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteString("traceId"u8, traceId);
        json.WriteEndObject();
    }
}

/// <summary>The problem that was answered, for the request's log line.</summary>
internal sealed record ProblemFeature(Problem Problem);

/// <summary>The trace of a request that has no span.</summary>
internal sealed record TraceFeature(string Id);

/// <summary>For actions that answer a problem without throwing one, where an exception's price matters.</summary>
internal sealed class ProblemResult(Problem problem) : IActionResult
{
    public Task ExecuteResultAsync(ActionContext context) => context.HttpContext.Response.WriteAsync(problem, context.HttpContext.RequestAborted);
}
