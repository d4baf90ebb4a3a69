Feature: One session on several devices at once

  @PF-DEV-05 @TP-PF-DEV-05-01.copies @SHALL @participating-function @media_path=in
  Scenario: What is said reaches everybody
    Given Bob, a served user, is online with a phone and a tablet
    And Bob wants sessions on every device at once
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice says "To wherever you are" in "Lunch"
    And Bob's phone says "On the phone" in "Lunch"
    And Bob's tablet says "And on the tablet" in "Lunch"
    Then Bob's phone and his tablet are in "Lunch" together
    And "To wherever you are" reaches everybody in "Lunch", also Bob's phone and his tablet
    And "On the phone" reaches everybody in "Lunch", also Bob's tablet
    And "And on the tablet" reaches everybody in "Lunch", also Bob's phone

  @PF-DEV-05 @TP-PF-DEV-05-02.one-leaves @SHALL @participating-function @media_path=in
  Scenario Outline: Bob's <leaving> leaves, and his <staying> goes on
    Given Bob, a served user, is online with a phone and a tablet
    And Bob wants sessions on every device at once
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice says "Both of you" in "Lunch"
    And Bob's <leaving> leaves "Lunch"
    And Alice says "One is gone" in "Lunch"
    And Bob's <staying> says "I am still here" in "Lunch"
    Then "Both of you" reaches everybody in "Lunch", also Bob's phone and his tablet
    And "One is gone" reaches everybody in "Lunch", also Bob's <staying>
    And Bob's <leaving>, which has left "Lunch", gets nothing of "One is gone"
    And Bob's <leaving>, which has left "Lunch", gets nothing of "I am still here"

    Examples:
      | leaving | staying |
      | phone   | tablet  |
      | tablet  | phone   |

  @PF-DEV-05 @TP-PF-DEV-05-03.shown @policy @participating-function @media_path=in
  Scenario: Both devices show a message
    Given Bob, a served user, is online with a phone and a tablet
    And Bob wants sessions on every device at once
    And the session "Lunch" of Alice with Bob
    When Alice calls Bob for "Lunch"
    And Alice says "Have you read this?" in "Lunch" and wants to know when it is shown
    And Bob's phone shows "Have you read this?" of "Lunch"
    And Bob's tablet shows "Have you read this?" of "Lunch"
    Then "Have you read this?" reaches everybody in "Lunch", also Bob's phone and his tablet
    And the author of "Have you read this?" in "Lunch" learns that Bob was shown it

  @PF-DEV-05 @TP-PF-DEV-05-04.one-device @SHALL @participating-function @media_path=in @max_sessions=at_least_2
  Scenario: Bob wants sessions on his tablet alone, and before that he did not
    Given Bob, a served user, is online with a phone and a tablet
    And Bob wants sessions on every device at once
    And the session "Lunch" of Alice with Bob
    And the session "Dinner" of Alice with Bob
    When Alice calls Bob for "Lunch"
    Then Bob's phone and his tablet are in "Lunch" together
    When Bob wants sessions on his tablet only
    And Alice calls Bob for "Dinner"
    And Alice says "Only here" in "Dinner"
    Then "Dinner" is on Bob's tablet alone
    And "Only here" reaches everybody in "Dinner", also Bob's tablet
