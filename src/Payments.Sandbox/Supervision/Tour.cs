using System.Text;

namespace Payments.Sandbox.Supervision;

/// <summary>What a person is told when the sandbox is ready: where everything is, and a way through it that works when pasted.</summary>
internal static class Tour
{
    private const string Bold = "\e[1m";
    private const string Plain = "\e[0m";

    public static string Of(SandboxFile sandbox, SandboxOptions options, string dataDirectory, bool coloured)
    {
        var text = new StringBuilder();
        text.AppendLine();
        Heading("Payments is running. Ctrl-C stops it.");
        text.AppendLine($"  Shop    {sandbox.Api} (buy something in a browser), {sandbox.Api}/account, {sandbox.Api}/admin");
        if (options.Stripe is null)
        {
            text.AppendLine($"  Sandbox {sandbox.Api}/sandbox (who to be, what time it is, what goes wrong, webhooks, mail)");
        }

        text.AppendLine($"  API     {sandbox.Api}/swagger");
        text.AppendLine(options.Stripe is null ? $"  Stripe  {sandbox.Stripe} (simulator; its Dashboard: {sandbox.Stripe}/dashboard)" : $"  Stripe  {sandbox.Stripe} (test mode)");
        text.AppendLine($"  Mail    {sandbox.Mail}");
        text.AppendLine($"  Data    {dataDirectory} (addresses, keys and tokens: sandbox.json; what each part says: logs/)");
        text.AppendLine();
        if (options.Stripe is not null)
        {
            Heading("Stripe's webhooks reach this machine while this runs in another terminal:");
            text.AppendLine($"  stripe listen --forward-to {sandbox.Api}/api/v1/webhooks/stripe");
            text.AppendLine();
        }

        Heading("The same without a browser: buy credits as ada, by pasting this line by line into another terminal:");
        foreach (var line in Lines(sandbox, options.Stripe is null))
        {
            text.AppendLine(line);
        }

        return text.ToString();

        void Heading(string words) => text.AppendLine(coloured ? $"{Bold}{words}{Plain}" : words);
    }

    /// <summary>For any POSIX shell, with curl, grep and cut only.</summary>
    internal static IEnumerable<string> Lines(SandboxFile sandbox, bool simulator)
    {
        yield return $"API={sandbox.Api}/api/v1 STRIPE={sandbox.Stripe} MAIL={sandbox.Mail}";
        if (simulator)
        {
            yield return $"STRIPE_KEY={sandbox.StripeSecretKey}";
        }

        yield return $"TOKEN={sandbox.Tokens["ada"]}";
        yield return "curl -s $API/credit-packs; echo";
        yield return """PACK=$(curl -s $API/credit-packs | grep -o '"id":"[^"]*"' | head -n 1 | cut -d '"' -f 4)""";
        yield return """CHECKOUT=$(curl -s $API/payments/checkout-session -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d "{\"creditPackId\":\"$PACK\"}"); echo "$CHECKOUT" """.TrimEnd();
        yield return """SESSION=$(echo "$CHECKOUT" | grep -o '"sessionId":"[^"]*"' | cut -d '"' -f 4)""";
        if (simulator)
        {
            yield return "# Now open the \"url\" above in a browser and pay with card 4242 4242 4242 4242; or pay from here:";
            yield return """AMOUNT=$(curl -s -u $STRIPE_KEY: $STRIPE/v1/payment_pages/$SESSION | grep -o '"amount_total": *[0-9]*' | grep -o '[0-9]*$')""";
            yield return "curl -s -u $STRIPE_KEY: $STRIPE/v1/payment_pages/$SESSION/confirm -d payment_method=pm_card_visa -d expected_amount=$AMOUNT | head -c 300; echo";
        }
        else
        {
            yield return "# Now open the \"url\" above in a browser and pay with card 4242 4242 4242 4242, any future date and any CVC.";
        }

        yield return """curl -s $API/payments/checkout-session/$SESSION -H "Authorization: Bearer $TOKEN"; echo""";
        yield return """curl -s $API/users/me -H "Authorization: Bearer $TOKEN"; echo""";
        yield return """sleep 1; curl -s $MAIL/messages | grep -o '"subject":"[^"]*"'""";
    }
}
