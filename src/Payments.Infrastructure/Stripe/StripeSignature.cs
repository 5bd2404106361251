using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Payments.Infrastructure.Stripe;

internal enum SignatureVerdict
{
    Valid,
    Missing,
    Invalid,
    OutOfTolerance,
}

/// <summary>
/// Stripe's webhook signature: <c>t=SECONDS,v1=HEX</c>, where HEX is the HMAC-SHA256 of <c>t.body</c> under the whole
/// secret. Works on the bytes that were sent; any of our secrets may have made any of the signatures.
/// </summary>
internal sealed class StripeSignature(IEnumerable<string> secrets, TimeSpan tolerance)
{
    /// <summary>Stripe sends about 80 characters a signature, one a secret.</summary>
    private const int LongestHeader = 2048;

    private const int HexLength = 2 * SHA256.HashSizeInBytes;
    private const int LongestTime = 12;

    private readonly byte[][] secrets = [.. secrets.Select(Encoding.UTF8.GetBytes)];
    private readonly long tolerance = (long)tolerance.TotalSeconds;

    /// <summary>The signature is checked before the time, so that only Stripe can learn that our clock is off.</summary>
    public SignatureVerdict Check(ReadOnlySpan<byte> body, string? header, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(header))
        {
            return SignatureVerdict.Missing;
        }

        if (header.Length > LongestHeader || !TryReadTime(header, out var time, out var seconds) || !Matches(body, header, time))
        {
            return SignatureVerdict.Invalid;
        }

        return Math.Abs(now.ToUnixTimeSeconds() - seconds) <= tolerance ? SignatureVerdict.Valid : SignatureVerdict.OutOfTolerance;
    }

    /// <summary>The first <c>t</c>, digits only; false too when some item is no <c>name=value</c>.</summary>
    private static bool TryReadTime(ReadOnlySpan<char> header, out ReadOnlySpan<char> time, out long seconds)
    {
        time = default;
        seconds = 0;
        foreach (var range in header.Split(','))
        {
            if (!TryReadItem(header[range], out var name, out var value))
            {
                return false;
            }

            if (time.IsEmpty && name is "t")
            {
                if (value.Length is 0 or > LongestTime || value.ContainsAnyExceptInRange('0', '9'))
                {
                    return false;
                }

                time = value;
            }
        }

        return long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out seconds);
    }

    private static bool TryReadItem(ReadOnlySpan<char> item, out ReadOnlySpan<char> name, out ReadOnlySpan<char> value)
    {
        item = item.Trim(' ');
        var equals = item.IndexOf('=');
        name = equals < 0 ? default : item[..equals];
        value = equals < 0 ? default : item[(equals + 1)..];
        return equals > 0;
    }

    private bool Matches(ReadOnlySpan<byte> body, ReadOnlySpan<char> header, ReadOnlySpan<char> time)
    {
        var length = time.Length + 1 + body.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var message = rented.AsSpan(0, length);
            Encoding.ASCII.GetBytes(time, message);
            message[time.Length] = (byte)'.';
            body.CopyTo(message[(time.Length + 1)..]);

            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            Span<byte> expected = stackalloc byte[HexLength];
            foreach (var secret in secrets)
            {
                HMACSHA256.HashData(secret, message, hash);
                Convert.TryToHexStringLower(hash, expected, out _);
                if (IsAmong(header, expected))
                {
                    return true;
                }
            }

            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static bool IsAmong(ReadOnlySpan<char> header, ReadOnlySpan<byte> expected)
    {
        Span<byte> given = stackalloc byte[HexLength];
        foreach (var range in header.Split(','))
        {
            if (TryReadItem(header[range], out var name, out var value)
                && name is "v1"
                && value.Length == HexLength
                && Encoding.ASCII.TryGetBytes(value, given, out var written)
                && written == HexLength
                && CryptographicOperations.FixedTimeEquals(given, expected))
            {
                return true;
            }
        }

        return false;
    }
}
