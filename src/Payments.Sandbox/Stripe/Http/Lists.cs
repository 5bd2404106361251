using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Http;

/// <summary>Stripe's lists: newest first, cursors that are ids.</summary>
internal static class Lists
{
    private const int DefaultLimit = 10;
    private const int MaxLimit = 100;

    /// <summary>A page of the objects of a type; each of the filters is a parameter that names a kept field.</summary>
    public static JsonObject Page(Call call, string type, string kind, params string[] filters)
    {
        var parameters = call.Parameters;
        var wanted = filters
            .Where(parameters.ContainsKey)
            .Select(name => (Name: name, Value: parameters[name]!.ToString()))
            .ToList();
        var created = CreatedRange.From(parameters["created"]);
        return Page(
            call,
            call.Work.NewestFirst(type).Where(o =>
                !o.Deleted && created.Contains(o.Created) && wanted.TrueForAll(w => string.Equals(o.Filter(w.Name), w.Value, StringComparison.Ordinal))),
            o => o.Id,
            o => call.Work.Find(o.Id)!.DeepClone(),
            id => call.Work.Find(id, type) is not null,
            kind);
    }

    /// <summary>A page of a sequence that is newest first.</summary>
    public static JsonObject Page<T>(
        Call call, IEnumerable<T> newestFirst, Func<T, string> id, Func<T, JsonNode> show, Func<string, bool> exists, string kind)
    {
        var parameters = call.Parameters;
        var limit = parameters.Integer("limit") ?? DefaultLimit;
        if (limit is < 1 or > MaxLimit)
        {
            var message = limit < 1
                ? "This value must be greater than or equal to 1."
                : $"This value must be less than or equal to {MaxLimit} (it currently is '{limit}').";
            throw StripeException.Invalid(message, "limit", "parameter_invalid_integer");
        }

        var after = parameters.Text("starting_after");
        var before = parameters.Text("ending_before");
        if (after is not null && before is not null)
        {
            throw StripeException.Invalid("You may only specify one of these parameters: ending_before, starting_after.", "ending_before", "parameters_exclusive");
        }

        foreach (var (cursor, name) in new[] { (after, "starting_after"), (before, "ending_before") })
        {
            if (cursor is not null && !exists(cursor))
            {
                throw StripeException.Missing(kind, cursor, name);
            }
        }

        List<T> page;
        bool more;
        if (before is null)
        {
            var from = after is null ? newestFirst : newestFirst.SkipWhile(o => !Is(o, after)).Skip(1);
            page = [.. from.Take((int)limit + 1)];
            more = page.Count > limit;
            page = more ? page[..(int)limit] : page;
        }
        else
        {
            // The ones just before the cursor, still newest first.
            var newer = newestFirst.TakeWhile(o => !Is(o, before)).ToList();
            more = newer.Count > limit;
            page = more ? newer[^(int)limit..] : newer;
        }

        return Of(page.Select(show), more, call.Path);

        bool Is(T item, string cursor) => string.Equals(id(item), cursor, StringComparison.Ordinal);
    }

    public static JsonObject Of(IEnumerable<JsonNode> items, bool hasMore, string url) => new()
    {
        ["object"] = "list",
        ["data"] = new JsonArray([.. items]),
        ["has_more"] = hasMore,
        ["url"] = url,
    };
}

/// <summary><c>created=…</c> or <c>created[gte]=…</c>; Unix seconds.</summary>
internal sealed record CreatedRange(long Earliest, long Latest)
{
    public bool Contains(long created) => created >= Earliest && created <= Latest;

    public static CreatedRange From(JsonNode? parameter)
    {
        if (parameter is JsonObject range)
        {
            var from = Math.Max(range.Integer("gte") ?? long.MinValue, range.Integer("gt") + 1 ?? long.MinValue);
            var to = Math.Min(range.Integer("lte") ?? long.MaxValue, range.Integer("lt") - 1 ?? long.MaxValue);
            return new CreatedRange(from, to);
        }

        return parameter is JsonValue value && value.TryGetValue(out long exact)
            ? new CreatedRange(exact, exact)
            : new CreatedRange(long.MinValue, long.MaxValue);
    }
}
