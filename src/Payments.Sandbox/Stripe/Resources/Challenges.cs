using System.Text.Json.Nodes;
using Payments.Sandbox.Stripe.State;

namespace Payments.Sandbox.Stripe.Resources;

/// <summary>The buyer's answer to a 3-D Secure challenge, wherever the challenge came from.</summary>
internal static class Challenges
{
    /// <summary>Answers the intent as it then stands; throws the decline that follows.</summary>
    public static JsonObject Answer(Engine engine, string intentId, bool accepted) =>
        engine.Run(engine.OriginOf(requestId: null, idempotencyKey: null), work => DeclineBodies.Shown(Answer(work, intentId, accepted)));

    public static JsonObject Answer(Work work, string intentId, bool accepted)
    {
        if (intentId.StartsWith("seti_", StringComparison.Ordinal))
        {
            var saved = SetupIntents.Authenticate(work, intentId, accepted);
            if (SessionOf(work, intentId) is { } saving)
            {
                SessionSubscriptions.SetUp(work, saving, saved);
            }

            return saved;
        }

        if (SessionOf(work, intentId) is { } session)
        {
            var intent = work.Find(intentId)!;
            SessionPayments.Authenticate(work, session, intent, accepted);
            return intent;
        }

        return PaymentIntents.Authenticate(work, intentId, accepted);
    }

    public static JsonObject? SessionOf(Work work, string intentId) =>
        work.Find(intentId)?.Hash(StoredObject.PrivateField).Text("session") is { } session ? work.Find(session, "checkout.session") : null;
}
