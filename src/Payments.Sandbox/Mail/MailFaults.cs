namespace Payments.Sandbox.Mail;

/// <summary>What goes wrong with the next messages, as <c>POST /faults</c> sets it.</summary>
/// <param name="Refuse">So many messages are read and then refused; nothing of them is kept.</param>
/// <param name="Status">The answer to a refused message: 400 to 499 for "try again", 500 to 599 for "never".</param>
/// <param name="DropAfterData">So many messages are accepted and kept, but the connection is dropped before the answer: the sender cannot know.</param>
public sealed record MailFaults(int Refuse = 0, int Status = 451, int DropAfterData = 0);
