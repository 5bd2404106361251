using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using Microsoft.Extensions.Logging;

using Payments.Application.Payments.Gateway;
using Payments.Domain.Shared;

namespace Payments.Infrastructure.Stripe;

/// <summary>What every call to Stripe has in common: how requests are built, how answers and lists are read.</summary>
internal sealed partial class StripeCalls(StripeHttp http, ILogger<StripeCalls> log)
{
    /// <summary>Stripe's greatest page.</summary>
    public const int PageSize = 100;

    /// <summary>How far a look-up pages back; nobody has opened a thousand checkouts since a call of unknown outcome.</summary>
    private const int MostPages = 10;

    public static StripeRequest Prepared(PreparedCall call, string operation, string idempotencyKey) => call.Operation == operation
        ? new StripeRequest(HttpMethod.Post, operation, operation["POST ".Length..], call.Body, Key(idempotencyKey))
        : throw new ArgumentException($"This is the call {call.Operation}, not {operation}.", nameof(call));

    public static StripeRequest Get(string collection, string id, StripeForm query) =>
        new(HttpMethod.Get, $"GET {collection}/{{id}}", $"{collection}/{Id(id)}", query.ToString());

    /// <summary>Ids come from callers too; one that no object can have must not reach the path as <c>..</c> or a query.</summary>
    public static string Id(string id) => id.Length is > 0 and <= 255 && id.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
        ? id
        : throw new GatewayFailure(GatewayFailureKind.NotFound, "No object can have an id like that.", "resource_missing", "id");

    public static string Key(string idempotencyKey) => idempotencyKey.Length is > 0 and <= 255 && idempotencyKey.All(c => c is > ' ' and < (char)127)
        ? idempotencyKey
        : throw new ArgumentException("An idempotency key is 1 to 255 visible ASCII characters.", nameof(idempotencyKey));

    public Task<StripeReply> SendAsync(StripeRequest request, CancellationToken cancellationToken) => http.SendAsync(request, cancellationToken);

    public async Task<T> ReadAsync<T>(StripeRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class => Content(await http.SendAsync(request, cancellationToken), type);

    public static T Content<T>(StripeReply reply, JsonTypeInfo<T> type)
        where T : class
    {
        if (reply.Answer.Status != HttpStatusCode.OK)
        {
            throw reply.Failure();
        }

        try
        {
            return JsonSerializer.Deserialize(reply.Answer.Body, type) ?? throw new JsonException("The body is null.");
        }
        catch (JsonException exception)
        {
            throw StripeErrors.Unreadable(reply, exception);
        }
    }

    /// <summary>In our words: a word of Stripe's that is not known is read with care, and named in the log.</summary>
    public TState Map<TWire, TState>(StripeReply reply, TWire wire, Func<TWire, bool, TState> map)
    {
        try
        {
            return map(wire, true);
        }
        catch (JsonException unknown)
        {
            LogUnknownWord(reply.Request.Operation, unknown.Message, reply.Answer.RequestId);
        }

        try
        {
            return map(wire, false);
        }
        catch (JsonException exception)
        {
            throw StripeErrors.Unreadable(reply, exception);
        }
    }

    /// <summary>All of a list, newest first, up to a bound; what to do beyond it is the caller's to say.</summary>
    public async Task<List<T>> ListAsync<T>(string collection, Action<StripeForm> filter, JsonTypeInfo<WireList<T>> type, Func<StripeRequest, GatewayFailure?> beyond, CancellationToken cancellationToken)
        where T : class, IStripeObject
    {
        var all = new List<T>();
        for (var page = 0; ; page++)
        {
            var form = new StripeForm();
            filter(form);
            form.Set("limit", PageSize).Set("starting_after", all.Count == 0 ? null : all[^1].Id);
            var request = new StripeRequest(HttpMethod.Get, "GET " + collection, collection, form.ToString());
            if (page == MostPages)
            {
                return beyond(request) is { } failure ? throw failure : all;
            }

            var list = await ReadAsync(request, type, cancellationToken);
            all.AddRange(list.Data);
            if (!list.HasMore || list.Data.Count == 0)
            {
                return all;
            }
        }
    }

    [LoggerMessage(4110, LogLevel.Warning, "{Operation} answered something new, which is read as granting nothing: {Word} (in {RequestId})")]
    private partial void LogUnknownWord(string operation, string word, string? requestId);
}
