using System.Text;
using System.Text.Json;

namespace Payments.Infrastructure.Stripe;

/// <summary>The outside of an event, and where its object lies in the payload.</summary>
internal readonly record struct StripeEvent(
    string Id,
    string Type,
    DateTimeOffset Created,
    string? ApiVersion,
    bool Livemode,
    string? Account,
    string? ObjectId,
    string? ObjectType,
    string? RelatedId,
    Range Object);

/// <summary>
/// Reads an event's outside in one pass over its bytes, without building anything of the rest. Whatever the bytes
/// are, the answer is an event or a <see cref="JsonException"/>.
/// </summary>
internal static class StripeEventReader
{
    /// <summary>31 December 9999, the last second that a date can have.</summary>
    public const long LastSecond = 253_402_300_799;

    /// <summary>Far deeper than events are: what is signed is stored, whatever Stripe puts into it one day.</summary>
    public const int MaxDepth = 1000;

    private const int Longest = 255;
    private const int LongestEscaped = Longest * 6;

    [Flags]
    private enum Field
    {
        None = 0,
        Id = 1,
        Type = 1 << 1,
        Created = 1 << 2,
        ApiVersion = 1 << 3,
        Livemode = 1 << 4,
        Account = 1 << 5,
        Data = 1 << 6,
        RelatedObject = 1 << 7,
        Object = 1 << 8,
        PaymentIntent = 1 << 9,
        Subscription = 1 << 10,
        Parent = 1 << 11,
        SubscriptionDetails = 1 << 12,
    }

    /// <exception cref="JsonException">No JSON; a field missing, doubled, too long, with NUL, or of the wrong type.</exception>
    public static StripeEvent Read(ReadOnlySpan<byte> body)
    {
        try
        {
            return ReadEvent(body);
        }
        catch (InvalidOperationException exception)
        {
            // The same of a property's name.
            throw new JsonException("A name is no valid Unicode.", exception);
        }
    }

    private static StripeEvent ReadEvent(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        Require(reader.Read() && reader.TokenType == JsonTokenType.StartObject, "An event is an object.");
        string? id = null, type = null, apiVersion = null, account = null;
        DateTimeOffset? created = null;
        var livemode = false;
        var inside = default(Inside);
        var related = default(Inside);
        var seen = Field.None;
        while (NextProperty(ref reader, ref seen, out var field))
        {
            switch (field)
            {
                case Field.Id:
                    id = Text(ref reader);
                    break;
                case Field.Type:
                    type = Text(ref reader);
                    break;
                case Field.Created:
                    created = Time(ref reader);
                    break;
                case Field.ApiVersion:
                    apiVersion = TextOrNothing(ref reader);
                    break;
                case Field.Livemode:
                    Require(reader.TokenType is JsonTokenType.True or JsonTokenType.False, "livemode is a boolean.");
                    livemode = reader.GetBoolean();
                    break;
                case Field.Account:
                    // One that cannot be read is nobody's, and never ours.
                    account = reader.TokenType == JsonTokenType.Null ? null : TextOrNothing(ref reader) ?? "?";
                    break;
                case Field.Data when reader.TokenType != JsonTokenType.Null:
                    inside = ReadData(ref reader);
                    break;
                case Field.RelatedObject when reader.TokenType == JsonTokenType.StartObject:
                    // Only a thin event has one, and no object of its own.
                    related = ReadObject(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        Require(reader.TokenType == JsonTokenType.EndObject && !reader.Read(), "Something follows the event.");
        Require(id is not null && type is not null && created is not null, "An event has id, type and created.");
        return new StripeEvent(
            id!,
            type!,
            created!.Value,
            apiVersion,
            livemode,
            account,
            inside.Id ?? related.Id,
            inside.Type,
            inside.Type == "invoice" ? inside.Subscription ?? inside.PaymentIntent : inside.PaymentIntent ?? inside.Subscription,
            inside.Where);
    }

    private static Inside ReadData(ref Utf8JsonReader reader)
    {
        Require(reader.TokenType == JsonTokenType.StartObject, "data is an object.");
        var inside = default(Inside);
        var seen = Field.None;
        while (NextProperty(ref reader, ref seen, out var field))
        {
            if (field == Field.Object && reader.TokenType == JsonTokenType.StartObject)
            {
                var start = (int)reader.TokenStartIndex;
                inside = ReadObject(ref reader) with { Where = start..(int)reader.BytesConsumed };
            }
            else
            {
                reader.Skip();
            }
        }

        return inside;
    }

    /// <summary>
    /// What ties the object to one of ours. A field of another shape than expected is left out rather than refused:
    /// the event is genuine, and it must be stored whatever Stripe puts into it one day.
    /// </summary>
    private static Inside ReadObject(ref Utf8JsonReader reader)
    {
        var inside = default(Inside);
        var seen = Field.None;
        while (NextProperty(ref reader, ref seen, out var field))
        {
            switch (field)
            {
                case Field.Id:
                    inside.Id = TextOrNothing(ref reader);
                    break;
                case Field.Object:
                    inside.Type = TextOrNothing(ref reader);
                    break;
                case Field.PaymentIntent:
                    inside.PaymentIntent = Reference(ref reader);
                    break;
                case Field.Subscription:
                    inside.Subscription = Reference(ref reader) ?? inside.Subscription;
                    break;
                case Field.Parent:
                    // Since basil an invoice names its subscription in parent.subscription_details.
                    inside.Subscription = Descend(ref reader, Field.SubscriptionDetails, Field.Subscription) ?? inside.Subscription;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return inside;
    }

    /// <summary>The reference at the end of a path of objects, if it is there.</summary>
    private static string? Descend(ref Utf8JsonReader reader, params ReadOnlySpan<Field> path)
    {
        if (path.IsEmpty)
        {
            return Reference(ref reader);
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        string? found = null;
        var seen = Field.None;
        while (NextProperty(ref reader, ref seen, out var field))
        {
            if (field == path[0])
            {
                found = Descend(ref reader, path[1..]);
            }
            else
            {
                reader.Skip();
            }
        }

        return found;
    }

    /// <summary>An id, or the expanded object's.</summary>
    private static string? Reference(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.StartObject
        ? ReadObject(ref reader).Id
        : TextOrNothing(ref reader);

    /// <summary>
    /// Stands on the next property's value, or on the object's end. A field that is read may occur only once: two
    /// readers of one payload must never see two different events.
    /// </summary>
    private static bool NextProperty(ref Utf8JsonReader reader, ref Field seen, out Field field)
    {
        field = Field.None;
        Require(reader.Read(), "The event ends early.");
        if (reader.TokenType != JsonTokenType.PropertyName)
        {
            return false;
        }

        field = FieldOf(ref reader);
        Require((seen & field) == Field.None, "A field occurs twice.");
        seen |= field;
        Require(reader.Read(), "The event ends early.");
        return true;
    }

    private static Field FieldOf(ref Utf8JsonReader reader)
    {
        if (reader.ValueIsEscaped)
        {
            // Nobody escapes a plain name, but what another reader would read as our field must count as it.
            return FieldOf(Encoding.UTF8.GetBytes(reader.GetString()!));
        }

        return FieldOf(reader.ValueSpan);
    }

    /// <summary>By length first: nearly every one of an object's many fields is then told apart without comparing it.</summary>
    private static Field FieldOf(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 when name.SequenceEqual("id"u8) => Field.Id,
        4 when name.SequenceEqual("type"u8) => Field.Type,
        4 when name.SequenceEqual("data"u8) => Field.Data,
        6 when name.SequenceEqual("object"u8) => Field.Object,
        6 when name.SequenceEqual("parent"u8) => Field.Parent,
        7 when name.SequenceEqual("created"u8) => Field.Created,
        7 when name.SequenceEqual("account"u8) => Field.Account,
        8 when name.SequenceEqual("livemode"u8) => Field.Livemode,
        11 when name.SequenceEqual("api_version"u8) => Field.ApiVersion,
        12 when name.SequenceEqual("subscription"u8) => Field.Subscription,
        14 when name.SequenceEqual("payment_intent"u8) => Field.PaymentIntent,
        14 when name.SequenceEqual("related_object"u8) => Field.RelatedObject,
        20 when name.SequenceEqual("subscription_details"u8) => Field.SubscriptionDetails,
        _ => Field.None,
    };

    private static string Text(ref Utf8JsonReader reader)
    {
        Require(reader.TokenType == JsonTokenType.String, "A text is of another type.");
        return Fit(ref reader) ?? throw new JsonException("A text is empty, too long or contains NUL.");
    }

    /// <summary>Null: no text that a column takes.</summary>
    private static string? Fit(ref Utf8JsonReader reader)
    {
        if (reader.ValueSpan.Length > LongestEscaped)
        {
            return null;
        }

        try
        {
            return reader.GetString() is { Length: > 0 and <= Longest } text && !text.Contains('\0', StringComparison.Ordinal) ? text : null;
        }
        catch (InvalidOperationException)
        {
            // How the reader says that a string is no valid UTF-8 or half a surrogate pair.
            return null;
        }
    }

    private static string? TextOrNothing(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return Fit(ref reader);
        }

        reader.Skip();
        return null;
    }

    /// <summary>Unix seconds; thin events write ISO 8601.</summary>
    private static DateTimeOffset Time(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var seconds) && seconds is >= 0 and <= LastSecond)
        {
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        }

        return reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var time)
            ? time.ToUniversalTime()
            : throw new JsonException("created is no time.");
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new JsonException(what);
        }
    }

    private record struct Inside(string? Id, string? Type, string? PaymentIntent, string? Subscription, Range Where);
}
