using System.Buffers.Text;
using System.Buffers.Binary;
using Payments.Domain.Shared;

namespace Payments.Application.Shared;

/// <summary>Where a newest-first page ended: the time and id of its last row. Opaque to callers.</summary>
public readonly record struct Cursor(DateTimeOffset At, Guid Id)
{
    public const int DefaultLimit = 20;
    public const int MaximumLimit = 100;

    /// <exception cref="Refusal"><c>cursor.invalid</c></exception>
    public static Cursor? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[24];
        if (text.Length == 32 && Base64Url.IsValid(text) && Base64Url.DecodeFromChars(text, bytes) == 24
            && BinaryPrimitives.ReadInt64BigEndian(bytes) is >= 0 and var ticks && ticks <= DateTimeOffset.MaxValue.Ticks)
        {
            return new Cursor(new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[8..], bigEndian: true));
        }

        throw new Refusal(RefusalKind.Invalid, "cursor.invalid", "A cursor is the nextCursor of an earlier page, unchanged.", "cursor");
    }

    /// <summary>The page of at most <paramref name="limit"/> of one more row than that, so that it is known whether more follows.</summary>
    public static Page<TItem> PageOf<TRow, TItem>(IReadOnlyList<TRow> rows, int limit, Func<TRow, Cursor> cursor, Func<TRow, TItem> item)
    {
        var more = rows.Count > limit;
        var shown = more ? [.. rows.Take(limit)] : rows;
        return new Page<TItem>([.. shown.Select(item)], more ? cursor(shown[^1]).ToString() : null);
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[24];
        BinaryPrimitives.WriteInt64BigEndian(bytes, At.UtcTicks);
        Id.TryWriteBytes(bytes[8..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }
}
