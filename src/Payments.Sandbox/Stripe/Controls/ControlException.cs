namespace Payments.Sandbox.Stripe.Controls;

/// <summary>A call of the sandbox's own controls that cannot be done as asked; the message names what is wrong.</summary>
internal sealed class ControlException(string message, int status = StatusCodes.Status400BadRequest) : Exception(message)
{
    public int Status { get; } = status;
}
