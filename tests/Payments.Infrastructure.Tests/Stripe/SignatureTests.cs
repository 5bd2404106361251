using System.Globalization;
using System.Security.Cryptography;
using System.Text;

using FsCheck;
using FsCheck.Fluent;

using Payments.Infrastructure.Stripe;

namespace Payments.Infrastructure.Tests.Stripe;

public sealed class Checking_a_signature
{
    /// <summary>Computed with Python's hmac; Stripe's own Node library 22.5.0 signs the same.</summary>
    private const string GoldenSignature = "031333c1ac5584ff6d26015f9551a2af9337c04689addc2dea630b58b10ad2ab";
    private const string OlderSignature = "b88b864b02da4d216f97d0537d1a47ff08c680cbb8def4a26b430ac38eb85a22";
    private const long At = 1746757390;

    private static readonly byte[] Golden = Encoding.UTF8.GetBytes("""
        {
          "id": "evt_1Golden",
          "object": "event",
          "created": 1746757389,
          "type": "checkout.session.completed",
          "data": {
            "object": {
              "id": "cs_test_1",
              "description": "1 × Basic"
            }
          }
        }
        """.ReplaceLineEndings("\n"));

    private readonly StripeSignature signature = new(["whsec_golden"], TimeSpan.FromSeconds(300));

    private static DateTimeOffset Now => DateTimeOffset.FromUnixTimeSeconds(At + 1);

    [Fact]
    public void accepts_what_another_implementation_signed() =>
        signature.Check(Golden, $"t={At},v1={GoldenSignature}", Now).ShouldBe(SignatureVerdict.Valid);

    [Fact]
    public void accepts_the_decoy_v0_and_unknown_schemes_beside_a_good_v1() =>
        signature.Check(Golden, $"t={At},v1={GoldenSignature},v0={new string('0', 64)},v2=x", Now).ShouldBe(SignatureVerdict.Valid);

    [Fact]
    public void never_accepts_v0_alone() =>
        signature.Check(Golden, $"t={At},v0={GoldenSignature}", Now).ShouldBe(SignatureVerdict.Invalid);

    [Fact]
    public void accepts_any_of_several_v1_of_a_secret_that_is_rolled() =>
        signature.Check(Golden, $"t={At},v1={OlderSignature},v1={GoldenSignature}", Now).ShouldBe(SignatureVerdict.Valid);

    [Theory]
    [InlineData(GoldenSignature)]
    [InlineData(OlderSignature)]
    public void accepts_each_of_our_secrets(string signed) =>
        new StripeSignature(["whsec_golden", "whsec_older"], TimeSpan.FromSeconds(300)).Check(Golden, $"t={At},v1={signed}", Now).ShouldBe(SignatureVerdict.Valid);

    [Theory]
    [InlineData(300, nameof(SignatureVerdict.Valid))]
    [InlineData(301, nameof(SignatureVerdict.OutOfTolerance))]
    [InlineData(-300, nameof(SignatureVerdict.Valid))]
    [InlineData(-301, nameof(SignatureVerdict.OutOfTolerance))]
    public void tolerates_300_seconds_both_ways(int seconds, string verdict) =>
        signature.Check(Golden, $"t={At},v1={GoldenSignature}", DateTimeOffset.FromUnixTimeSeconds(At + seconds)).ToString().ShouldBe(verdict);

    [Fact]
    public void says_nothing_about_the_time_to_who_cannot_sign() =>
        signature.Check(Golden, $"t={At},v1={OlderSignature}", Now.AddDays(1)).ShouldBe(SignatureVerdict.Invalid);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    public void misses_a_header_that_is_not_there(string? header) =>
        signature.Check(Golden, header, Now).ShouldBe(SignatureVerdict.Missing);

    [Theory]
    [InlineData("{0},v1={1}")]
    [InlineData("t={0}")]
    [InlineData("v1={1}")]
    [InlineData("t=,v1={1}")]
    [InlineData("t= {0},v1={1}")]
    [InlineData("t=+{0},v1={1}")]
    [InlineData("t=-{0},v1={1}")]
    [InlineData("t={0}.0,v1={1}")]
    [InlineData("t=0x68,v1={1}")]
    [InlineData("t=9999999999999999999999,v1={1}")]
    [InlineData("t=١٧٤٦٧٥٧٣٩٠,v1={1}")]
    [InlineData("t={0},v1={1},")]
    [InlineData("t={0},v1={1},junk")]
    [InlineData("t={0},v1={1},=x")]
    [InlineData("t={0},v1={1}0")]
    [InlineData("t={0},V1={1}")]
    [InlineData("t={0};v1={1}")]
    [InlineData("t={0},t={0},v1=x")]
    [InlineData("t=1,t={0},v1={1}")]
    public void refuses_a_malformed_header(string header) =>
        signature.Check(Golden, string.Format(CultureInfo.InvariantCulture, header, At, GoldenSignature), Now).ShouldBe(SignatureVerdict.Invalid);

    [Fact]
    public void refuses_a_header_longer_than_any_that_stripe_sends() =>
        signature.Check(Golden, $"t={At},v1={GoldenSignature},v0={new string('0', 4000)}", Now).ShouldBe(SignatureVerdict.Invalid);

    [Fact]
    public void refuses_upper_case_hex_as_the_official_libraries_do() =>
        signature.Check(Golden, $"t={At},v1={GoldenSignature.ToUpperInvariant()}", Now).ShouldBe(SignatureVerdict.Invalid);

    [Fact]
    public void knows_no_signature_without_a_secret() =>
        new StripeSignature([], TimeSpan.FromSeconds(300)).Check(Golden, $"t={At},v1={GoldenSignature}", Now).ShouldBe(SignatureVerdict.Invalid);

    [Fact]
    public void accepts_whatever_bytes_were_signed_under_whatever_secret() => Prop
        .ForAll<byte[], NonEmptyString>((body, secret) =>
            new StripeSignature([secret.Get], TimeSpan.FromSeconds(300)).Check(body, Sign(secret.Get, At, body), Now) == SignatureVerdict.Valid)
        .QuickCheckThrowOnFailure();

    [Fact]
    public void refuses_a_body_of_which_any_bit_was_changed() => Prop
        .ForAll(Gen.Choose(0, (Golden.Length * 8) - 1).ToArbitrary(), bit =>
        {
            var tampered = (byte[])Golden.Clone();
            tampered[bit / 8] ^= (byte)(1 << (bit % 8));
            return signature.Check(tampered, $"t={At},v1={GoldenSignature}", Now) == SignatureVerdict.Invalid;
        })
        .QuickCheckThrowOnFailure();

    [Fact]
    public void refuses_a_signature_with_any_digit_changed() => Prop
        .ForAll(Gen.Choose(0, 63).ToArbitrary(), Gen.Elements("0123456789abcdefX é\0".ToCharArray()).ToArbitrary(), (at, digit) =>
        {
            var changed = GoldenSignature.ToCharArray();
            var same = changed[at] == digit;
            changed[at] = digit;
            return same || signature.Check(Golden, $"t={At},v1={new string(changed)}", Now) == SignatureVerdict.Invalid;
        })
        .QuickCheckThrowOnFailure();

    [Fact]
    public void survives_any_header() => Prop
        .ForAll<string>(header => signature.Check(Golden, header, Now) is SignatureVerdict.Invalid or SignatureVerdict.Missing)
        .QuickCheckThrowOnFailure();

    [Fact]
    public void allocates_next_to_nothing_for_a_forged_delivery()
    {
        var forged = $"t={At},v1={OlderSignature}";
        var body = new byte[4096];
        signature.Check(body, forged, Now);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            signature.Check(body, forged, Now);
        }

        // The hash's own handle in the runtime, and nothing that grows with the body.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100 * 200);
    }

    internal static string Sign(string secret, long at, byte[] body) =>
        $"t={at},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.UTF8.GetBytes($"{at}."), .. body]))}";
}
